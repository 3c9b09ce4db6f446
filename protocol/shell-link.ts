import { limits } from './limits.ts';
import { decodeShellFrame, encodeShellFrame, type ShellFrame } from './shell-frames.ts';

/** Shown output is acknowledged in steps of this. */
const ACK_BYTES = limits.shellWindowBytes / 8;

/** What a shell says to whoever holds its link. */
export interface ShellEvents {
  /** Called in order, without waiting. Resolves when it was shown: that is what is acknowledged. */
  output(bytes: Uint8Array, isError: boolean): Promise<void>;
  /** How much input may still be sent has grown. */
  room(): void;
  /** Output goes on at `offset`, which was to be `expected`: what lies between is no longer kept. */
  attached?(offset: number, expected: number): void;
  /** So much of this client's input has arrived, over all its connections. The first call: the connection is ready for more. */
  arrived?(offset: number): void;
}

/** How one connection to a shell ended. */
export type LinkEnd =
  | { readonly type: 'exit'; readonly code: number }
  | { readonly type: 'problem'; readonly text: string }
  | { readonly type: 'broken' };

/** One connection to a shell, until it ends; the session may go on without it. */
export class ShellLink {
  readonly #socket: WebSocket;
  readonly #events: ShellEvents;
  readonly ended: Promise<LinkEnd>;
  /** The first byte of output that was not shown. */
  offset: number;
  /** The first byte that has not come. */
  #next: number;
  #acked: number;
  #showing = Promise.resolve();
  #sentInput = 0;
  #takenInput = 0;
  #end: LinkEnd = { type: 'broken' };

  constructor(url: URL, offset: number, events: ShellEvents) {
    this.offset = offset;
    this.#next = offset;
    this.#acked = offset;
    this.#events = events;
    this.#socket = new WebSocket(url);
    this.#socket.binaryType = 'arraybuffer';
    this.#socket.addEventListener('message', ({ data }) => {
      const frame = data instanceof ArrayBuffer ? decodeShellFrame(new Uint8Array(data)) : undefined;
      if (frame !== undefined) this.#take(frame);
    });
    this.ended = new Promise((resolve) => {
      const over = () => void this.#showing.then(() => resolve(this.#end));
      this.#socket.addEventListener('close', over);
      this.#socket.addEventListener('error', over);
    });
  }

  /** False when the process should take some of its input first. */
  get hasRoom(): boolean {
    return this.#sentInput - this.#takenInput < limits.shellInputBytes / 2;
  }

  send(frame: ShellFrame): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    if (frame.type === 'input') this.#sentInput += frame.bytes.length;
    this.#socket.send(encodeShellFrame(frame));
  }

  /** Resolves when it is open, or has ended. */
  opened(): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.addEventListener('open', () => resolve());
      void this.ended.then(() => resolve());
    });
  }

  close(): void {
    this.#socket.close();
  }

  #take(frame: ShellFrame): void {
    switch (frame.type) {
      case 'output':
      case 'errorOutput': {
        const end = this.#next + frame.bytes.length;
        this.#next = end;
        const shown = this.#events.output(frame.bytes, frame.type === 'errorOutput');
        this.#afterShown(shown, end);
        break;
      }
      case 'attached':
        this.#events.attached?.(frame.offset, this.#next);
        this.#next = frame.offset;
        this.#afterShown(Promise.resolve(), frame.offset);
        break;
      case 'inputAck':
        // What earlier connections of this client sent counts too.
        this.#sentInput = Math.max(this.#sentInput, frame.offset);
        this.#takenInput = Math.max(this.#takenInput, frame.offset);
        this.#events.arrived?.(frame.offset);
        if (this.hasRoom) this.#events.room();
        break;
      case 'exit':
        this.#end = frame;
        break;
      case 'problem':
        this.#end = frame;
        break;
      default:
        break;
    }
  }

  /**
   * Acknowledgements go in order, and the end of the link comes after the last of them. Not each key's echo has one: a small packet
   * that is not answered makes the network stack hold the next one back (RFC 896) until the other side's delayed acknowledgement, 40 ms
   * later.
   */
  #afterShown(shown: Promise<void>, end: number): void {
    this.#showing = this.#showing
      .then(() => shown)
      .then(() => {
        this.offset = end;
        if (end - this.#acked < ACK_BYTES) return;
        this.#acked = end;
        this.send({ type: 'ack', offset: end });
      });
  }
}
