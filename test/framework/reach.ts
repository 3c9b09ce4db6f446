import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import type { RealHost } from './real-host.ts';

/** A TCP port of this machine that leads into a host. */
export interface Reach {
  /** Such as `http://127.0.0.1:40123`. */
  readonly baseUrl: string;
  /** Ends its connections too. */
  close(): Promise<void>;
}

/** For clients that speak to addresses only: a port here for a TCP port of the host's loopback. */
export async function reach(host: RealHost, port: number): Promise<Reach> {
  const path = await host.tunnel(port);
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ path, allowHalfOpen: true });
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
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
