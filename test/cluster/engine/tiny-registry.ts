import { createHash, randomBytes } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

/*
 * A registry of one image for pulls by a real engine, to be run inside its host: `node tiny-registry.ts PORT BYTES DELAY_MS`
 * serves 127.0.0.1:PORT/tiny:1 with one layer of BYTES, sent in 16 pieces DELAY_MS apart. Prints `ready`.
 */
const [port = 5000, layerBytes = 1_000_000, delayMs = 0] = process.argv.slice(2).map(Number);

interface Blob {
  readonly type: string;
  readonly bytes: Buffer;
}

const digestOf = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const json = (value: unknown) => Buffer.from(JSON.stringify(value));

/** A tar archive of one file (POSIX.1-1988 ustar): a header of 512 bytes, then blocks of 512, then two empty ones. */
function tarOf(name: string, content: Buffer): Buffer {
  const header = Buffer.alloc(512);
  const put = (text: string, at: number) => header.write(text, at, 'ascii');
  put(name, 0);
  put('0000644\0', 100);
  put('0000000\0', 108);
  put('0000000\0', 116);
  put(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  put('00000000000\0', 136);
  put('        ', 148);
  put('0', 156);
  put('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, content, Buffer.alloc(((512 - (content.length % 512)) % 512) + 1_024)]);
}

const tar = tarOf('noise', randomBytes(layerBytes));
const layer = gzipSync(tar, { level: 1 });
const config = json({
  architecture: 'amd64',
  os: 'linux',
  config: {},
  rootfs: { type: 'layers', diff_ids: [digestOf(tar)] },
});
const docker = 'application/vnd.docker';
const manifest = json({
  schemaVersion: 2,
  mediaType: `${docker}.distribution.manifest.v2+json`,
  config: { mediaType: `${docker}.container.image.v1+json`, size: config.length, digest: digestOf(config) },
  layers: [{ mediaType: `${docker}.image.rootfs.diff.tar.gzip`, size: layer.length, digest: digestOf(layer) }],
});

const manifestBlob: Blob = { type: `${docker}.distribution.manifest.v2+json`, bytes: manifest };
const paths = new Map<string, Blob>([
  ['/v2/', { type: 'application/json', bytes: json({}) }],
  ['/v2/tiny/manifests/1', manifestBlob],
  [`/v2/tiny/manifests/${digestOf(manifest)}`, manifestBlob],
  [`/v2/tiny/blobs/${digestOf(config)}`, { type: 'application/octet-stream', bytes: config }],
  [`/v2/tiny/blobs/${digestOf(layer)}`, { type: 'application/octet-stream', bytes: layer }],
]);

async function send(response: ServerResponse, bytes: Buffer): Promise<void> {
  const piece = Math.ceil(bytes.length / 16);
  for (let at = 0; at < bytes.length; at += piece) {
    response.write(bytes.subarray(at, at + piece));
    if (bytes === layer) await sleep(delayMs);
  }
  response.end();
}

createServer((request, response) => {
  const blob = paths.get(request.url ?? '');
  if (blob === undefined) {
    response.writeHead(404, { 'content-type': 'application/json' });
    response.end(json({ errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }] }));
    return;
  }
  response.writeHead(200, {
    'content-type': blob.type,
    'content-length': blob.bytes.length,
    'docker-content-digest': digestOf(blob.bytes),
  });
  if (request.method === 'HEAD') response.end();
  else void send(response, blob.bytes);
}).listen(port, '127.0.0.1', () => process.stdout.write('ready\n'));
