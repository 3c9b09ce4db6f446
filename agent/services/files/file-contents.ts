import { createHash } from 'node:crypto';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { ShoalError } from '../../../protocol/errors.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { Name } from '../../../protocol/schemas/common.ts';
import { FileDigest, type FileRecord } from '../../../protocol/schemas/file.ts';
import { keys, prefixes } from '../../core/catalog/keys.ts';
import { rank } from '../../core/rendezvous.ts';
import type { Clock } from '../../ports/clock.ts';
import { pause } from '../../ports/pause.ts';
import type { Transport } from '../../ports/transport.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { decodeJson, encodeJson } from '../catalog/record-body.ts';

/** Members asked in one round. The app's steward made the record, its heirs and the one that took the request have it too. */
const ASKED_MAX = 4;
/** A record is on its way to everybody: those asked too early are asked again. */
const ROUNDS = 3;
const PAUSE_MS = 1_000;
const CALL_MS = 2_000;

/** Names a content of an app. */
const FileName = Type.Object({ group: Name, app: Name, sha256: FileDigest });
export type FileName = Type.Static<typeof FileName>;
const fileName = Compile(FileName);

export interface FileContentsParts {
  readonly transport: Pick<Transport, 'hostId' | 'call' | 'handle'>;
  readonly catalog: Pick<Catalog, 'get' | 'list'>;
  readonly aliveIds: () => readonly HostId[];
  readonly clock: Clock;
}

/** The contents of versions' files: this member's copy, or else another member's. */
export class FileContents {
  readonly #parts: FileContentsParts;

  constructor(parts: FileContentsParts) {
    this.#parts = parts;
    parts.transport.handle('files.get', async (_from, body) => {
      const name = decodeJson<FileName>(body, (value) => fileName.Check(value), 'file name');
      const content = this.held(name);
      if (content === undefined) throw new ShoalError('not-found', 'This member does not have the content.');
      return content;
    });
  }

  /** As this member has it. One whose deletion won over another version of the app is found among the losers. */
  held({ group, app, sha256 }: FileName): Uint8Array | undefined {
    const { catalog } = this.#parts;
    const key = keys.file(group, app, sha256);
    const record = catalog.get<FileRecord>(key) ?? catalog.list<FileRecord>(prefixes.historyOf(key))[0];
    return record === undefined ? undefined : Buffer.from(record.value.contentBase64, 'base64');
  }

  /**
   * From wherever it is; what others send is checked.
   *
   * @param signal ends the search
   * @throws ShoalError not-found when no member that answers in time has it
   */
  async fetch(name: FileName, signal: AbortSignal): Promise<Uint8Array> {
    const { clock } = this.#parts;
    for (let round = 1; ; round++) {
      const content = this.held(name) ?? (await this.#fromOthers(name, signal));
      if (content !== undefined) return content;
      if (round === ROUNDS || signal.aborted)
        throw new ShoalError('not-found', 'no member that answers has its content');
      await pause(clock, PAUSE_MS * (0.5 + clock.random()), signal);
    }
  }

  async #fromOthers(name: FileName, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const { transport, aliveIds } = this.#parts;
    const others = aliveIds().filter((hostId) => hostId !== transport.hostId);
    for (const hostId of rank(keys.app(name.group, name.app), others, ASKED_MAX)) {
      try {
        const content = await transport.call(hostId, 'files.get', encodeJson(name), { timeoutMs: CALL_MS, signal });
        if (createHash('sha256').update(content).digest('hex') === name.sha256) return content;
      } catch (error) {
        if (!(error instanceof ShoalError)) throw error;
        if (signal.aborted) break;
      }
    }
    return undefined;
  }
}
