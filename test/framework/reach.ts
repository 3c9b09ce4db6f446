import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import type { RealCluster } from './real-cluster.ts';
import type { RealHost } from './real-host.ts';
import { waitFor } from './wait.ts';

/** A way into a host, or out of it. */
export interface Reach {
  /** Such as `http://127.0.0.1:40123`. */
  readonly baseUrl: string;
  /** Ends its connections too. */
  close(): Promise<void>;
}

/** For clients that speak to addresses only: a port here for a TCP port of the host's loopback. */
export async function reach(host: RealHost, port: number): Promise<Reach> {
  const { server, close } = relayTo({ path: await host.tunnel(port) });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

/** Lets a server of this process, at a port of loopback here, be reached at a port of a host by all hosts. */
export async function offer(cluster: RealCluster, host: RealHost, port: number, localPort: number): Promise<Reach> {
  const folder = mkdtempSync(join(tmpdir(), 'shoal-test-'));
  const path = join(folder, 'offer.sock');
  const { server, close } = relayTo({ host: '127.0.0.1', port: localPort });
  server.listen(path);
  await once(server, 'listening');
  const init = (await cluster.script('pid', host.name)).trim();
  const socat = ['socat', `TCP-LISTEN:${port},fork,reuseaddr,backlog=128`, `UNIX-CONNECT:${path}`];
  const listener = spawn('nsenter', ['-t', init, '-n', '--', ...socat], { stdio: 'ignore' });
  await waitFor(`${host.name}:${port} to listen`, async () =>
    (await host.exec('ss', '--tcp', '--listening', '--no-header', '--numeric', `sport = :${port}`)).includes('LISTEN'),
  );
  return {
    baseUrl: `http://${host.ip}:${port}`,
    close: async () => {
      listener.kill();
      await close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Everything that connects to the server talks to the target; neither end hides how the other one ended. */
function relayTo(target: NetConnectOpts): { readonly server: Server; readonly close: () => Promise<void> } {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ ...target, allowHalfOpen: true });
    for (const socket of [near, far]) {
      open.add(socket);
      socket.once('close', () => open.delete(socket));
    }
    const end = (error: Error | null) => {
      if (error === null) return;
      near.destroy();
      far.destroy();
    };
    pipeline(near, far, end);
    pipeline(far, near, end);
  });
  const close = async () => {
    for (const socket of open) socket.destroy();
    server.close();
    await once(server, 'close');
  };
  return { server, close };
}
