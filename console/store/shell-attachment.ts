import { signal } from '@preact/signals';
import type { Problem } from '../../protocol/schemas/common.ts';
import type { ShellTicket } from '../../protocol/schemas/shell.ts';
import { ShellLink } from '../../protocol/shell-link.ts';
import { TypedInput } from '../../protocol/typed-input.ts';
import { shellTicket } from '../api/actions.ts';
import { newKey } from '../api/client.ts';
import { isProblem, problemOf, unreachable } from '../api/problem.ts';
import { retryDelayMs } from './retry.ts';

export type ShellState =
  | { readonly type: 'connecting' }
  | { readonly type: 'open' }
  | { readonly type: 'reconnecting' }
  | { readonly type: 'ended'; readonly code: number }
  | { readonly type: 'failed'; readonly problem: Problem };

/** What shows a shell. */
export interface ShellDisplay {
  /** Resolves when it was drawn; only then is more sent, 512 KiB ahead at most. */
  output(bytes: Uint8Array): Promise<void>;
  /** Output begins. It is a replay when somebody has seen it before; `lost` bytes of it are no longer kept. */
  attached(isReplay: boolean, lost: number): void;
}

/** One message of input. Bytes. */
const INPUT_BYTES = 16 * 1024;
/** A paste that waits for the process to read it. Bytes. */
const HELD_BYTES_MAX = 8 * 1024 * 1024;

/** A tab's part in a shell session, across broken connections: it comes back where it was, as long as the session lives. */
export class ShellAttachment {
  readonly state = signal<ShellState>({ type: 'connecting' });
  readonly #containerId: string;
  readonly #sessionId: string;
  readonly #display: ShellDisplay;
  readonly #over = new AbortController();
  #link: ShellLink | undefined;
  #size: { readonly cols: number; readonly rows: number } | undefined;
  /** Tells the session that it is the same tab which comes back: what it sent and did not arrive is sent again. */
  readonly #client = newKey();
  readonly #typed = new TypedInput();
  /** Of what was typed, not sent on this connection yet. */
  #waiting: Uint8Array[] = [];
  /** The session has said how much input arrived: more may be sent. */
  #isReady = false;

  /** @param first the ticket that opening the session gave; absent when somebody joins it */
  constructor(containerId: string, sessionId: string, first: ShellTicket | undefined, display: ShellDisplay) {
    this.#containerId = containerId;
    this.#sessionId = sessionId;
    this.#display = display;
    void this.#keepAttached(first);
  }

  /** Leaves; the session goes on. */
  stop(): void {
    this.#over.abort();
    this.#link?.close();
  }

  resize(cols: number, rows: number): void {
    this.#size = { cols, rows };
    this.#link?.send({ type: 'resize', cols, rows });
  }

  /** @returns false when nothing of it is sent: there is no connection, or too much waits */
  input(bytes: Uint8Array): boolean {
    if (this.state.peek().type !== 'open' || this.#typed.heldBytes + bytes.length > HELD_BYTES_MAX) return false;
    for (let at = 0; at < bytes.length; at += INPUT_BYTES) {
      const part = bytes.subarray(at, at + INPUT_BYTES);
      this.#typed.add(part);
      this.#waiting.push(part);
    }
    this.#pass();
    return true;
  }

  #pass(): void {
    while (this.#isReady && this.#link?.hasRoom === true) {
      const bytes = this.#waiting.shift();
      if (bytes === undefined) return;
      this.#link.send({ type: 'input', bytes });
    }
  }

  async #keepAttached(first: ShellTicket | undefined): Promise<void> {
    const over = this.#over.signal;
    let ticket = first;
    let offset = 0;
    let hasSeen = first !== undefined;
    for (let tries = 0; !over.aborted; tries++) {
      try {
        ticket ??= await shellTicket(this.#containerId, this.#sessionId, over);
        const link = this.#connect(ticket, offset, hasSeen);
        await link.opened();
        const end = await link.ended;
        if (over.aborted) return;
        if (end.type === 'exit') {
          this.state.value = { type: 'ended', code: end.code };
          return;
        }
        if (end.type === 'problem') throw problemIn(end.text);
        if (link.offset > offset) tries = 0;
        offset = link.offset;
      } catch (error) {
        if (over.aborted) return;
        const problem = isProblem(error) ? error : problemOf(error);
        if (!problem.retryable) {
          this.state.value = { type: 'failed', problem };
          return;
        }
      }
      hasSeen = offset > 0;
      ticket = undefined;
      this.state.value = { type: 'reconnecting' };
      await new Promise((resolve) => setTimeout(resolve, retryDelayMs(Math.min(tries, 4), Math.random())));
    }
  }

  #connect(ticket: ShellTicket, offset: number, hasSeen: boolean): ShellLink {
    this.#isReady = false;
    const url = new URL(`${ticket.url}&offset=${offset}&client=${this.#client}`, location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const link = new ShellLink(url, offset, {
      output: (bytes) => this.#display.output(bytes),
      room: () => this.#pass(),
      arrived: (arrived) => {
        this.#typed.arrived(arrived);
        if (!this.#isReady) this.#waiting = [...this.#typed.rest];
        this.#isReady = true;
      },
      attached: (at, expected) => {
        this.#display.attached(!hasSeen, at - expected);
        this.state.value = { type: 'open' };
        if (this.#size !== undefined) link.send({ type: 'resize', ...this.#size });
      },
    });
    this.#link = link;
    return link;
  }
}

function problemIn(text: string): Problem {
  const problem: unknown = JSON.parse(text);
  return isProblem(problem) ? problem : unreachable(text).problem;
}
