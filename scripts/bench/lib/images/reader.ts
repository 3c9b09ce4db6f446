import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { IMAGE_TYPE } from '../../../../test/framework/random-image.ts';

/** As many layers at a time as an engine takes. */
const AT_ONCE = 3;
const TIMEOUT_S = 900;

interface Manifest {
  readonly config: { readonly digest: string };
  readonly layers: readonly { readonly digest: string }[];
}

/** What was read, and how long that took. */
export interface Reading {
  readonly bytes: number;
  readonly ms: number;
}

/**
 * Takes an image from the registry of the agent in a host, in place of an engine: reads every blob, compares it with its
 * digest, keeps nothing.
 *
 * @param pid any process of the host
 */
export async function readImage(pid: number, repository: string, tag: string): Promise<Reading> {
  const startMs = performance.now();
  const manifest = await readManifest(pid, repository, tag);
  const left = [manifest.config.digest, ...manifest.layers.map(({ digest }) => digest)];
  let bytes = 0;
  const reader = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift())
      bytes += await readBlob(pid, repository, next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, reader));
  return { bytes, ms: performance.now() - startMs };
}

async function readManifest(pid: number, repository: string, tag: string): Promise<Manifest> {
  const { stdout, ended } = get(pid, `${repository}/manifests/${tag}`);
  const [body] = await Promise.all([text(stdout), ended]);
  return JSON.parse(body);
}

async function readBlob(pid: number, repository: string, digest: string): Promise<number> {
  const { stdout, ended } = get(pid, `${repository}/blobs/${digest}`);
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of stdout as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  await ended;
  const read = `sha256:${hash.digest('hex')}`;
  if (read !== digest) throw new Error(`${digest} of ${repository} came as ${read}, ${bytes} bytes`);
  return bytes;
}

/** curl in the network of the host: cheaper than a process of Node.js in each of many hosts. */
function get(pid: number, path: string) {
  const url = `http://127.0.0.1:5000/v2/${path}`;
  const curl = ['curl', '--silent', '--show-error', '--fail', '--max-time', String(TIMEOUT_S)];
  const command = ['-t', String(pid), '-n', '--', ...curl, '--header', `accept: ${IMAGE_TYPE}`, url];
  const child = spawn('nsenter', command, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = Promise.all([
    text(child.stderr),
    new Promise((resolve, reject) => child.once('error', reject).once('close', resolve)),
  ]).then(([error, code]) => {
    if (code !== 0) throw new Error(`${url} cannot be read: ${error}`);
  });
  return { stdout: child.stdout, ended };
}
