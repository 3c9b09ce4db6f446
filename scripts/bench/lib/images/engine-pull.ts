import type { RealHost } from '../../../../test/framework/real-host.ts';

interface PullEvent {
  readonly status?: string;
  readonly error?: string;
}

/** When a pull was done with what. Milliseconds, monotonic. */
export interface PullTimes {
  readonly startedMs: number;
  /** The engine had all bytes of all layers and had checked them. */
  readonly downloadedMs: number;
  /** All layers were unpacked too. */
  readonly pulledMs: number;
}

/** Pulls an image with a host's engine. @throws Error with what the engine says when it can't */
export async function pullWithEngine({ docker, name }: RealHost, reference: string): Promise<PullTimes> {
  const startedMs = performance.now();
  let downloadedMs = startedMs;
  let rest = '';
  for await (const chunk of await docker.pull(reference)) {
    const nowMs = performance.now();
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const { status, error }: PullEvent = JSON.parse(line);
      if (error !== undefined) throw new Error(`${name} cannot pull ${reference}: ${error}`);
      if (status === 'Download complete') downloadedMs = nowMs;
    }
  }
  return { startedMs, downloadedMs, pulledMs: performance.now() };
}

/** Lets an engine pull from a registry without TLS, as people do it: its settings file, then SIGHUP. */
export async function allowPlainHttp(host: RealHost, address: string, reload: () => Promise<unknown>): Promise<void> {
  const settings = JSON.stringify({ 'insecure-registries': [address] });
  await host.exec('sh', '-c', 'printf %s "$1" >/etc/docker/daemon.json', 'sh', settings);
  await reload();
}
