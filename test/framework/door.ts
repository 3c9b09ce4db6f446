import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { RealHost } from './real-host.ts';

const API_PORT = 7420;

/** A port of this machine that leads to a host's API: a browser can't open the socket that tests use. */
export async function openDoor(host: RealHost): Promise<{ readonly url: string; close(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, async (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
    const path = await host.tunnel(API_PORT).catch(() => undefined);
    if (path === undefined) return socket.destroy();
    const inside = connect(path).on('error', () => socket.destroy());
    socket.once('close', () => inside.destroy());
    inside.once('close', () => socket.destroy());
    return socket.pipe(inside).pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the door has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
