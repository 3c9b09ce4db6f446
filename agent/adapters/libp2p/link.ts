import type { Connection, Stream } from '@libp2p/interface';
import { limits } from '../../../protocol/limits.ts';
import { withLength } from './framing.ts';

/** A link on which our messages get no sign of life back, or cannot leave, is broken after this. Milliseconds. */
const SILENCE_MS = 5_000;
/** A kept link without traffic shows itself this often. Milliseconds. */
const SIGN_MS = 10_000;

/** What a link needs from its surroundings. */
export interface LinkSurroundings {
  /** Opens a gossip stream to the peer, dialling if need be. Rejects when that fails. */
  openStream(): Promise<{ readonly stream: Stream; readonly connection: Connection }>;
  /** Joins encoded messages to a frame. */
  joinFrame(messages: readonly Uint8Array[]): Uint8Array;
  /** False while the peer is being dialled on a schedule: sending must not dial on its own then. */
  mayDial(): boolean;
  nowMs(): number;
  /** Messages that will not be sent. */
  onDropped(count: number): void;
  onSentBytes(count: number): void;
  /** The stream ended although nobody here ended it. */
  onBroken(connection: Connection): void;
}

/**
 * Our half of the gossip with one peer: a bounded queue and the one stream that it is written to. The peer's half comes
 * in on a stream of its own; `received` reports it.
 *
 * Signs of life: a frame with messages is answered within a second, with an empty frame if there is nothing to say. So a
 * connection that only seems to be open is noticed by whoever sends on it.
 */
export class Link {
  readonly #around: LinkSurroundings;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #stream: Stream | undefined;
  #isOpening = false;
  #isClosed = false;
  #isFlushScheduled = false;
  #sentMs: number;
  #receivedMs: number;
  /** When the first message was sent that nothing has come back for. */
  #unansweredMs: number | undefined;
  #blockedMs: number | undefined;
  #owesSign = false;

  constructor(around: LinkSurroundings) {
    this.#around = around;
    this.#sentMs = around.nowMs();
    this.#receivedMs = this.#sentMs;
  }

  get isOpen(): boolean {
    return this.#stream !== undefined;
  }

  /** Queues one encoded message, dropping the oldest beyond the bound. */
  push(message: Uint8Array): void {
    if (message.length + 8 > limits.gossipFrameBytes) {
      this.#around.onDropped(1);
      return;
    }
    this.#queue.push(message);
    this.#queuedBytes += message.length;
    this.#trim();
    if (this.#stream !== undefined) this.#scheduleFlush();
    else if (this.#around.mayDial()) this.open();
  }

  /** Opens the stream unless it is open. Its first frame, empty if need be, tells the peer that the link is up. */
  open(): void {
    if (this.#stream !== undefined || this.#isOpening || this.#isClosed) return;
    this.#isOpening = true;
    this.#around
      .openStream()
      .then(({ stream, connection }) => this.#opened(stream, connection))
      .catch(() => this.#failed());
  }

  /** A frame of the peer arrived. */
  received(hasMessages: boolean): void {
    this.#receivedMs = this.#around.nowMs();
    this.#unansweredMs = undefined;
    this.#owesSign ||= hasMessages;
  }

  /** Called every second. `broken`: the connection is to be ended; `idle`: nobody has used the link for `idleMs`. */
  tick(isKept: boolean, idleMs: number): 'fine' | 'broken' | 'idle' {
    const now = this.#around.nowMs();
    const isOverdue = (since: number | undefined) => since !== undefined && now - since > SILENCE_MS;
    if (isOverdue(this.#unansweredMs) || isOverdue(this.#blockedMs)) return 'broken';
    if (!isKept && now - Math.max(this.#sentMs, this.#receivedMs) > idleMs) return 'idle';
    if (this.#owesSign || (isKept && now - this.#sentMs > SIGN_MS)) this.#sign();
    return 'fine';
  }

  /** Writes what is queued, now. */
  flush(): void {
    const stream = this.#stream;
    while (stream !== undefined && stream === this.#stream && this.#queue.length > 0) {
      if (!isWritable(stream)) {
        this.#blockedMs ??= this.#around.nowMs();
        return;
      }
      this.#blockedMs = undefined;
      this.#unansweredMs ??= this.#around.nowMs();
      this.#write(stream, this.#around.joinFrame(this.#take()));
    }
  }

  /** Ends our stream after what was written, forgets what was not. The link is of no use any more. */
  close(): void {
    this.#isClosed = true;
    const stream = this.#stream;
    this.#detach();
    this.#clear();
    stream?.close().catch((error) => stream.abort(error));
  }

  #opened(stream: Stream, connection: Connection): void {
    this.#isOpening = false;
    if (this.#isClosed) {
      stream.abort(new Error('the link was closed meanwhile'));
      return;
    }
    this.#stream = stream;
    stream.addEventListener('close', () => {
      if (this.#stream !== stream) return;
      this.#detach();
      this.#around.onBroken(connection);
    });
    stream.addEventListener('drain', () => this.#drained(stream));
    if (stream.status !== 'open') {
      this.#detach();
      this.#around.onBroken(connection);
    } else if (this.#queue.length === 0) this.#write(stream, this.#around.joinFrame([]));
    else this.flush();
  }

  /** Something left: the peer reads. The stream sends its own buffer first, in a microtask of this event. */
  #drained(stream: Stream): void {
    if (stream !== this.#stream) return;
    this.#blockedMs = undefined;
    if (this.#unansweredMs !== undefined) this.#unansweredMs = this.#around.nowMs();
    this.#scheduleFlush();
  }

  #failed(): void {
    this.#isOpening = false;
    // On a schedule the link is opened again, so what fits may wait for it.
    if (this.#around.mayDial()) this.#clear();
  }

  #detach(): void {
    this.#stream = undefined;
    this.#unansweredMs = undefined;
    this.#blockedMs = undefined;
    this.#owesSign = false;
    this.#trim();
  }

  #clear(): void {
    if (this.#queue.length > 0) this.#around.onDropped(this.#queue.length);
    this.#queue = [];
    this.#queuedBytes = 0;
  }

  /** Drops a few more than it must, so that an overflowing queue is not shifted for every message. */
  #trim(): void {
    const bound = this.#stream === undefined ? limits.gossipOfflineQueueBytes : limits.gossipQueueBytes;
    if (this.#queuedBytes <= bound) return;
    let dropped = 0;
    while (this.#queuedBytes > bound * 0.9) this.#queuedBytes -= this.#queue[dropped++]?.length ?? 0;
    this.#queue.splice(0, dropped);
    this.#around.onDropped(dropped);
  }

  #scheduleFlush(): void {
    if (this.#isFlushScheduled) return;
    this.#isFlushScheduled = true;
    setImmediate(() => {
      this.#isFlushScheduled = false;
      this.flush();
    });
  }

  /** The oldest messages that fit into one frame together. */
  #take(): Uint8Array[] {
    let bytes = 0;
    let count = 0;
    for (const message of this.#queue) {
      // Tag and length around each.
      if (count > 0 && bytes + message.length + 8 > limits.gossipFrameBytes) break;
      bytes += message.length + 8;
      count++;
    }
    const taken = this.#queue.splice(0, count);
    for (const message of taken) this.#queuedBytes -= message.length;
    return taken;
  }

  #sign(): void {
    if (this.#stream === undefined) this.open();
    else if (isWritable(this.#stream)) this.#write(this.#stream, this.#around.joinFrame([]));
  }

  #write(stream: Stream, frame: Uint8Array): void {
    const bytes = withLength(frame);
    this.#sentMs = this.#around.nowMs();
    this.#owesSign = false;
    this.#around.onSentBytes(bytes.length);
    try {
      stream.send(bytes);
    } catch (error) {
      stream.abort(error instanceof Error ? error : new Error('the stream takes no more'));
    }
  }
}

const isWritable = (stream: Stream): boolean => !stream.writableNeedsDrain && stream.writeBufferLength === 0;
