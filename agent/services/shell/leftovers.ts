import { ShoalError } from '../../../protocol/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Engine } from '../../ports/engine.ts';
import type { Log } from '../../ports/log.ts';
import { pause } from '../../ports/pause.ts';
import type { Store } from '../../ports/store.ts';

const PREFIX = 'shells/';
/** Before an engine that was away is asked again. Milliseconds. */
const RETRY_MS = 5_000;

export interface LeftoversParts {
  readonly engine: Pick<Engine, 'endExec'>;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The processes of shells, on disk from before they start until they have ended: the engine lets them run on when an agent is killed,
 * and the next agent ends them.
 */
export class Leftovers {
  readonly #parts: LeftoversParts;
  readonly #stopped = new AbortController();

  constructor(parts: LeftoversParts) {
    this.#parts = parts;
  }

  /** Ends what an earlier agent left, as soon as the engine answers. */
  async start(): Promise<void> {
    const { log } = this.#parts;
    let ids = await this.#noted();
    if (ids.length === 0) return;
    log.info({ count: ids.length }, 'processes of shells were left behind and are ended');
    const { signal } = this.#stopped;
    for (; ids.length > 0 && !signal.aborted; await pause(this.#parts.clock, RETRY_MS, signal)) {
      const left: string[] = [];
      for (const id of ids) if (!(await this.#end(id))) left.push(id);
      ids = left;
      if (ids.length === 0) return;
    }
  }

  stop(): void {
    this.#stopped.abort();
  }

  /** A process that is about to start. @throws ShoalError not-stored */
  async note(execId: string): Promise<void> {
    await this.#parts.store.write([{ type: 'put', key: PREFIX + execId, value: new Uint8Array(0) }]);
  }

  /** It is over. What can't be written is found to be over by the next agent. */
  async forget(execId: string): Promise<void> {
    await this.#parts.store.write([{ type: 'del', key: PREFIX + execId }]).catch(() => {});
  }

  /** A disk that can't be read, or is closed already, knows of none. */
  async #noted(): Promise<string[]> {
    const { store, log } = this.#parts;
    const ids: string[] = [];
    try {
      for await (const [key] of store.entries(PREFIX)) ids.push(key.slice(PREFIX.length));
    } catch (error) {
      log.warn({ error }, 'processes that shells may have left behind could not be looked up');
    }
    return ids;
  }

  async #end(execId: string): Promise<boolean> {
    try {
      await this.#parts.engine.endExec(execId, this.#stopped.signal);
    } catch (error) {
      if (error instanceof ShoalError) return false;
      throw error;
    }
    await this.forget(execId);
    return true;
  }
}
