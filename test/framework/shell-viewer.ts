import type { ShellTicket } from '../../protocol/schemas/shell.ts';
import { decodeShellFrame, encodeShellFrame, type ShellFrame } from '../../protocol/shell-frames.ts';

/** Somebody who looks at a shell and types into it. */
export interface ShellViewer {
  /** Output so far. */
  text(): string;
  /** Why the shell was taken away, as a problem document; empty when it was not. */
  problem(): string;
  /** Its exit code, once it has ended. */
  exitCode(): number | undefined;
  isClosed(): boolean;
  type(text: string): void;
  close(): void;
}

/** Attaches with a ticket through the API at `url`, which may be that of any member. */
export async function viewShell(url: string, ticket: Pick<ShellTicket, 'url'>): Promise<ShellViewer> {
  const socket = new WebSocket(url.replace('http', 'ws') + ticket.url);
  socket.binaryType = 'arraybuffer';
  const frames: ShellFrame[] = [];
  socket.addEventListener('message', ({ data }) => {
    const frame = decodeShellFrame(new Uint8Array(data as ArrayBuffer));
    if (frame !== undefined) frames.push(frame);
  });
  await new Promise((opened, failed) => {
    socket.addEventListener('open', opened);
    socket.addEventListener('error', () => failed(new Error('the shell could not be attached to')));
  });
  return {
    text: () => frames.map((frame) => (frame.type === 'output' ? Buffer.from(frame.bytes).toString() : '')).join(''),
    problem: () => frames.map((frame) => (frame.type === 'problem' ? frame.text : '')).join(''),
    exitCode: () => frames.flatMap((frame) => (frame.type === 'exit' ? [frame.code] : []))[0],
    isClosed: () => socket.readyState === WebSocket.CLOSED,
    type: (text) => socket.send(encodeShellFrame({ type: 'input', bytes: Buffer.from(text) })),
    close: () => socket.close(),
  };
}
