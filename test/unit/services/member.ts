import { newCatalog } from '../../../agent/core/catalog/catalog.ts';
import { HostRecordStore } from '../../../agent/core/catalog/host-records.ts';
import { merge } from '../../../agent/core/catalog/merge.ts';
import type { CatalogRecord } from '../../../agent/core/catalog/record.ts';
import { createMesh } from '../../../agent/core/mesh/state.ts';
import { VirtualClock } from '../../../agent/ports/clock-virtual.ts';
import { type Log, silentLog } from '../../../agent/ports/log.ts';
import { LocalCatalog } from '../../../agent/services/catalog/local-catalog.ts';
import type { HostId } from '../../../protocol/ids.ts';

/** An id that reads nearly as its name: base 58 has neither `0` nor `l`. */
export const hostIdOf = (name: string): HostId =>
  `12D3KooW${name.replaceAll('0', 'z').replaceAll('l', 'L').padEnd(20, 'x')}` as HostId;

/** One member's catalog without a mesh around it: what is committed is merged, and nothing else happens. */
export class CatalogMember {
  readonly hostId: HostId;
  readonly clock: VirtualClock;
  readonly catalog: LocalCatalog;
  /** Records in the order in which they were committed here. */
  readonly committed: CatalogRecord[] = [];
  readonly logged: string[] = [];

  constructor(name = 'self', clock = new VirtualClock()) {
    this.hostId = hostIdOf(name);
    this.clock = clock;
    const hosts = new HostRecordStore(() => ({ ok: false, reason: 'not in this test' }));
    const state = createMesh({ self: this.hostId, startIncarnation: 1, catalog: newCatalog(), hosts });
    const commit = async (records: readonly CatalogRecord[]): Promise<void> => {
      const { changed, removed } = merge(state.catalog, records, this.clock.nowMs());
      this.committed.push(...records);
      this.catalog.changed([...changed.map(({ key }) => key), ...removed]);
    };
    this.catalog = new LocalCatalog({ mesh: { state, commit }, clock, log: this.log });
  }

  get log(): Log {
    return { ...silentLog, warn: (_, message) => this.logged.push(message) };
  }

  /** Writes a value as this member. */
  async put(key: string, value: object | undefined): Promise<void> {
    await this.catalog.commit(this.catalog.draft([{ key, value }]));
  }

  /** Takes in a record that some other member wrote, whatever is in it. */
  async receive(key: string, value: object, from = 'other'): Promise<CatalogRecord> {
    const author = hostIdOf(from);
    const stamp = this.clock.nowMs().toString(16).padStart(12, '0');
    const hlc = `${stamp}-0000-${author}` as CatalogRecord['hlc'];
    const record = { key, hlc, author, deleted: false, value: JSON.stringify(value), ancestors: [] };
    await this.catalog.commit([record]);
    return record;
  }
}
