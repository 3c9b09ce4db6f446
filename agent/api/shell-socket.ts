import type { Duplex } from 'node:stream';
import type { WebSocket } from '@fastify/websocket';
import { ShoalError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { problemOfError } from '../../protocol/problem.ts';
import { encodeShellFrame } from '../../protocol/shell-frames.ts';

/** Proxies close a quiet connection after a minute. Milliseconds. */
const PING_MS = 20_000;
/** Unsent bytes of one socket at which its session is not read on: its window, and what acknowledgements lag. */
const UNSENT_BYTES_MAX = limits.shellWindowBytes;
const FRAME_BYTES_MAX = 64 * 1024;
const PREFIX_BYTES = 4;

/** The largest message that a client may send. Bytes. */
export const MESSAGE_BYTES_MAX = FRAME_BYTES_MAX;

/**
 * Passes frames on between a client and the stream of a session, one message a frame. Holds little: a slow client stops the stream, a
 * slow session the client. A client that answers no ping is gone.
 */
export function bridge(socket: WebSocket, stream: Duplex): void {
  let isAlive = true;
  let rest: Buffer = Buffer.alloc(0);
  const pings = setInterval(() => {
    if (!isAlive) socket.terminate();
    isAlive = false;
    socket.ping();
  }, PING_MS);
  const end = () => {
    clearInterval(pings);
    stream.destroy();
    // A paused socket would not see the client's part of the closing, and hold it up for half a minute.
    socket.resume();
    socket.close(1000);
  };
  socket.on('pong', () => {
    isAlive = true;
  });
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    if (!isBinary || data.length === 0) {
      socket.close(1003, 'binary messages only');
      return;
    }
    if (!stream.writable) return;
    const prefix = Buffer.allocUnsafe(PREFIX_BYTES);
    prefix.writeUInt32BE(data.length);
    stream.write(prefix);
    if (stream.write(data) || !stream.writable) return;
    socket.pause();
    stream.once('drain', () => socket.resume());
  });
  socket.on('error', end);
  socket.on('close', end);
  stream.on('error', (error) => {
    if (error instanceof ShoalError && socket.readyState === socket.OPEN) {
      socket.send(encodeShellFrame({ type: 'problem', text: JSON.stringify(problemOfError(error)) }));
    }
    end();
  });
  stream.on('close', end);
  stream.on('end', end);
  stream.on('data', (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= PREFIX_BYTES) {
      const frameEnd = PREFIX_BYTES + rest.readUInt32BE();
      if (rest.length < frameEnd) break;
      socket.send(rest.subarray(PREFIX_BYTES, frameEnd), () => {
        if (stream.isPaused() && socket.bufferedAmount < UNSENT_BYTES_MAX / 2) stream.resume();
      });
      rest = rest.subarray(frameEnd);
    }
    if (rest.length > 4 * FRAME_BYTES_MAX) end();
    else if (socket.bufferedAmount > UNSENT_BYTES_MAX) stream.pause();
  });
}
