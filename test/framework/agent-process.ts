import type { GossipMessage } from '../../agent/core/mesh/messages.ts';
import type { Clock } from '../../agent/ports/clock.ts';
import type { VirtualClock } from '../../agent/ports/clock-virtual.ts';
import type { Transport } from '../../agent/ports/transport.ts';
import type { HostId } from '../../protocol/ids.ts';

/** What an agent said and asked since the mesh started, by message type or `call METHOD`. */
export type Traffic = Map<string, number>;

/**
 * One run of an agent. Everything it reaches the world with goes through here, so that it can die like a process does:
 * from one moment to the next, with calls under way that nobody waits for any more.
 */
export class AgentProcess {
  readonly #clock: VirtualClock;
  readonly #timers = new Set<() => void>();
  #isDead = false;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  kill(): void {
    this.#isDead = true;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  /**
   * The host's clock.
   *
   * @param skewMs how far it is ahead of the others at the moment
   */
  clock(skewMs: () => number): Clock {
    return {
      nowMs: () => this.#clock.nowMs() + skewMs(),
      monotonicMs: () => this.#clock.monotonicMs(),
      random: () => this.#clock.random(),
      after: (delayMs, callback) => this.#timer((run) => this.#clock.after(delayMs, run), callback, true),
      every: (periodMs, callback) => this.#timer((run) => this.#clock.every(periodMs, run), callback, false),
    };
  }

  /** The same object while the process lives; a call that a dead process waits for never comes back. */
  wrap<T extends object>(target: T, instead: Partial<T> = {}, facts: readonly (keyof T)[] = []): T {
    const never = new Promise<never>(() => {});
    return new Proxy(target, {
      get: (_, name) => {
        const owner = Object.hasOwn(instead, name) ? instead : target;
        const member: unknown = Reflect.get(owner, name, owner);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) => {
          // A microtask that outlives its process still reads facts, and nothing comes of it.
          if (this.#isDead && !facts.some((fact) => fact === name)) return never;
          const result: unknown = member.apply(owner, args);
          return result instanceof Promise ? result.finally(() => (this.#isDead ? never : undefined)) : result;
        };
      },
    });
  }

  /** The wires of the host: each way takes `latencyMs`, and everything is counted. */
  transport(inner: Transport, latencyMs: number, traffic: Traffic): Transport {
    const count = (what: string) => traffic.set(what, (traffic.get(what) ?? 0) + 1);
    const trip = async (): Promise<void> => {
      if (latencyMs > 0) await new Promise<void>((resolve) => this.#clock.after(latencyMs, resolve));
    };
    let underWay: { to: HostId; message: GossipMessage }[] = [];
    const deliver = (): void => {
      const arriving = underWay;
      underWay = [];
      if (!this.#isDead) for (const { to, message } of arriving) inner.send(to, message);
    };
    const instead: Partial<Transport> = {
      send: (to, message) => {
        count(message.type);
        underWay.push({ to, message });
        if (latencyMs === 0) deliver();
        else if (underWay.length === 1) this.#clock.after(latencyMs, deliver);
      },
      call: async (to, method, body, options) => {
        count(`call ${method}`);
        await trip();
        if (this.#isDead) throw new Error('nobody is left to make the call');
        try {
          return await inner.call(to, method, body, options);
        } finally {
          await trip();
        }
      },
    };
    return this.wrap(inner, instead, ['addresses']);
  }

  #timer(set: (run: () => void) => () => void, callback: () => void, isOnce: boolean): () => void {
    if (this.#isDead) return () => {};
    const cancel = set(() => {
      if (isOnce) this.#timers.delete(cancel);
      callback();
    });
    this.#timers.add(cancel);
    return () => {
      this.#timers.delete(cancel);
      cancel();
    };
  }
}
