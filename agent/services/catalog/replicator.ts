import { ShoalError } from '../../../protocol/errors.ts';
import type { HostId } from '../../../protocol/ids.ts';
import type { CatalogRecord } from '../../core/catalog/record.ts';
import type { Log } from '../../ports/log.ts';
import type { Transport } from '../../ports/transport.ts';
import type { Catalog } from './catalog.ts';
import { decodeRecords, encodeRecords } from './record-body.ts';

/** How many members must have a write on disk before it is answered; fewer only when fewer are alive. */
const WRITE_COPIES = 2;
const STORE_TIMEOUT_MS = 1_500;
const TRIES_MAX = 4;

export interface ReplicatorParts {
  readonly transport: Pick<Transport, 'call' | 'handle'>;
  readonly catalog: Pick<Catalog, 'commit'>;
  /** Other alive members, the best place for a second copy first. */
  readonly others: () => readonly HostId[];
  readonly log: Log;
}

/** Who else has to do with a write. */
export interface CommitOptions {
  /** Copies that somebody is about to keep anyway: the member that asked. */
  readonly copiesElsewhere?: number;
  /** A member whose copy counts for nothing: it is being evicted. */
  readonly except?: HostId | undefined;
}

/** Puts records on the disks of W members before anybody is told that they are safe. */
export class Replicator {
  readonly #parts: ReplicatorParts;

  constructor(parts: ReplicatorParts) {
    this.#parts = parts;
    parts.transport.handle('catalog.store', async (_from, body) => {
      await parts.catalog.commit(decodeRecords(body));
      return new Uint8Array();
    });
  }

  /**
   * Stores on another member first, then here, so that a failure changes nothing here.
   *
   * @throws ShoalError not-replicated when others are alive and none of them stored it
   */
  async commit(records: readonly CatalogRecord[], { copiesElsewhere = 0, except }: CommitOptions = {}): Promise<void> {
    if (records.length === 0) return;
    if (1 + copiesElsewhere < WRITE_COPIES) await this.#storeOnAnother(records, except);
    await this.#parts.catalog.commit(records);
  }

  async #storeOnAnother(records: readonly CatalogRecord[], except: HostId | undefined): Promise<void> {
    const { transport, others, log } = this.#parts;
    const alive = () => others().filter((hostId) => hostId !== except);
    const candidates = alive().slice(0, TRIES_MAX);
    const body = encodeRecords(records);
    let cause: unknown;
    for (const hostId of candidates) {
      try {
        await transport.call(hostId, 'catalog.store', body, { timeoutMs: STORE_TIMEOUT_MS });
        return;
      } catch (error) {
        cause = error;
        log.debug({ hostId, error }, 'a member did not store a record');
      }
    }
    // Nobody was there, or the last one died while it was asked.
    if (candidates.length === 0 || alive().length === 0) return;
    throw new ShoalError('not-replicated', 'No other member stored the change; it was not made. Try again.', { cause });
  }
}
