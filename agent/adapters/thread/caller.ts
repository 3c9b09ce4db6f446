import type { MessagePort } from 'node:worker_threads';
import { ShoalError } from '../../../protocol/errors.ts';
import { packAs, type Reply, type Request, unpack } from './messages.ts';

/** Calls without an answer, and answered ones whose signal still means something. */
const CALLS_MAX = 10_000;

/** The methods of `T` that another thread can be asked for: those that give a promise. */
export type MethodOf<T> = {
  [K in keyof T]: T[K] extends (...args: never[]) => Promise<unknown> ? K : never;
}[keyof T] &
  string;

export interface CallerOptions<M> {
  /** Methods whose signal goes on to count after their answer. It must abort some time. */
  readonly lasting?: readonly M[];
  readonly maxCalls?: number;
}

type Send = (...args: readonly unknown[]) => Promise<unknown>;

interface OpenCall {
  /** Undefined once it was answered. */
  answer: PromiseWithResolvers<unknown> | undefined;
  readonly isLasting: boolean;
  readonly callbacks: ReadonlyMap<number, Callback>;
  readonly signal: AbortSignal | undefined;
  readonly onAbort: () => void;
}

type Callback = (...args: readonly unknown[]) => void;

/**
 * What the other end of the port serves, as an object. Arguments and results are copied; a signal's abort is told to the
 * other side, which answers as it likes; functions among the arguments are called, without an answer, until the call's end.
 *
 * @param methods as `serve` at the other end has them
 * @throws ShoalError from each method: what the target threw, `internal` for what was no ShoalError, `rate-limited` when too
 * many calls are open, `not-ready` once the port is closed
 */
export function callerOf<T, M extends MethodOf<T> = MethodOf<T>>(
  port: MessagePort,
  methods: readonly M[],
  options: CallerOptions<M> = {},
): Pick<T, M> {
  const caller = new Caller(port, options.lasting ?? [], options.maxCalls ?? CALLS_MAX);
  const entries = methods.map((method): [M, Send] => [method, (...args) => caller.call(method, args)]);
  return Object.fromEntries(entries) as Pick<T, M>;
}

class Caller {
  readonly #port: MessagePort;
  readonly #lasting: ReadonlySet<string>;
  readonly #maxCalls: number;
  readonly #open = new Map<number, OpenCall>();
  #nextId = 1;
  #isClosed = false;

  constructor(port: MessagePort, lasting: readonly string[], maxCalls: number) {
    this.#port = port;
    this.#lasting = new Set(lasting);
    this.#maxCalls = maxCalls;
    port.on('message', (reply: Reply) => this.#take(reply));
    port.on('messageerror', (error) => {
      throw error;
    });
    port.once('close', () => this.#close());
  }

  call(method: string, args: readonly unknown[]): Promise<unknown> {
    if (this.#isClosed) return Promise.reject(notReady());
    if (this.#open.size >= this.#maxCalls)
      return Promise.reject(new ShoalError('rate-limited', 'Too many calls to the thread of images are open.'));
    const id = this.#nextId++;
    const signal = args.find((arg) => arg instanceof AbortSignal);
    const callbacks = new Map([...args.entries()].filter(isCallback));
    const isLasting = this.#lasting.has(method);
    this.#port.postMessage(requestOf(id, method, args, isLasting));
    const answer = Promise.withResolvers<unknown>();
    const call: OpenCall = {
      answer,
      isLasting,
      callbacks,
      signal,
      onAbort: () => this.#cancel(id, signal?.reason),
    };
    this.#open.set(id, call);
    signal?.addEventListener('abort', call.onAbort, { once: true });
    if (signal?.aborted === true) call.onAbort();
    return answer.promise;
  }

  /** The call still ends with the target's answer: what was done by then is done. */
  #cancel(id: number, reason: unknown): void {
    const cancel: Request = { type: 'cancel', id, reason: packAs('cancelled', reason) };
    this.#port.postMessage(cancel);
    if (this.#open.get(id)?.answer === undefined) this.#open.delete(id);
  }

  #take(reply: Reply): void {
    const call = this.#open.get(reply.id);
    if (call?.answer === undefined) return;
    switch (reply.type) {
      case 'event':
        call.callbacks.get(reply.at)?.(...reply.args);
        return;
      case 'value':
        call.answer.resolve(reply.value);
        break;
      case 'error':
        call.answer.reject(unpack(reply.error));
        break;
    }
    this.#answered(reply, call);
  }

  #answered(reply: Reply, call: OpenCall): void {
    call.answer = undefined;
    const hasResult = reply.type === 'value' && reply.value !== undefined;
    if (call.isLasting && hasResult && call.signal?.aborted === false) return;
    call.signal?.removeEventListener('abort', call.onAbort);
    this.#open.delete(reply.id);
  }

  #close(): void {
    this.#isClosed = true;
    for (const { answer, signal, onAbort } of this.#open.values()) {
      signal?.removeEventListener('abort', onAbort);
      answer?.reject(notReady());
    }
    this.#open.clear();
  }
}

function requestOf(id: number, method: string, args: readonly unknown[], isLasting: boolean): Request {
  const signalAt = args.findIndex((arg) => arg instanceof AbortSignal);
  return {
    type: 'call',
    id,
    method,
    args: args.map((arg) => {
      if (arg instanceof AbortSignal || typeof arg === 'function') return undefined;
      return arg instanceof Error ? packAs('internal', arg) : arg;
    }),
    signalAt: signalAt < 0 ? undefined : signalAt,
    callbacksAt: args.flatMap((arg, at) => (typeof arg === 'function' ? [at] : [])),
    errorsAt: args.flatMap((arg, at) => (arg instanceof Error ? [at] : [])),
    isLasting,
  };
}

const isCallback = (entry: [number, unknown]): entry is [number, Callback] => typeof entry[1] === 'function';

const notReady = () => new ShoalError('not-ready', 'The thread of images has ended.');
