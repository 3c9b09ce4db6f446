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
   * Stores on another member first, then here, so that a failure changes nothing here. When this member's own disk takes
   * nothing, others keep all copies: a full disk here must not stop those who work elsewhere.
   *
   * @throws ShoalError not-replicated when others are alive and none of them stored it, not-stored when this member's disk
   * takes nothing and too few others are there to do without it
   */
  async commit(records: readonly CatalogRecord[], { copiesElsewhere = 0, except }: CommitOptions = {}): Promise<void> {
    if (records.length === 0) return;
    if (1 + copiesElsewhere < WRITE_COPIES) await this.#storeOnAnother(records, except);
    try {
      await this.#parts.catalog.commit(records);
    } catch (error) {
      const isOwnDisk = error instanceof ShoalError && error.code === 'not-stored';
      // All copies anew: whoever asked may be among the others, and counts once only.
      if (!isOwnDisk || (await this.#storeOnOthers(records, except, WRITE_COPIES)).stored < WRITE_COPIES) throw error;
    }
  }

  async #storeOnAnother(records: readonly CatalogRecord[], except: HostId | undefined): Promise<void> {
    const hadOthers = this.#alive(except).length > 0;
    const { stored, cause } = await this.#storeOnOthers(records, except, 1);
    // Nobody was there, or the last one died while it was asked.
    if (stored > 0 || !hadOthers || this.#alive(except).length === 0) return;
    throw new ShoalError('not-replicated', 'No other member stored the change; it was not made. Try again.', { cause });
  }

  async #storeOnOthers(
    records: readonly CatalogRecord[],
    except: HostId | undefined,
    wanted: number,
  ): Promise<{ readonly stored: number; readonly cause: unknown }> {
    const { transport, log } = this.#parts;
    const body = encodeRecords(records);
    let stored = 0;
    let cause: unknown;
    for (const hostId of this.#alive(except).slice(0, TRIES_MAX)) {
      if (stored === wanted) break;
      try {
        await transport.call(hostId, 'catalog.store', body, { timeoutMs: STORE_TIMEOUT_MS });
        stored += 1;
      } catch (error) {
        cause = error;
        log.debug({ hostId, error }, 'a member did not store a record');
      }
    }
    return { stored, cause };
  }

  #alive(except: HostId | undefined): readonly HostId[] {
    return this.#parts.others().filter((hostId) => hostId !== except);
  }
}
