import { Readable } from 'node:stream';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { ShoalError } from '../../../protocol/errors.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import { Recording } from '../../../protocol/schemas/recording.ts';
import { ShellIdSchema } from '../../../protocol/schemas/shell.ts';
import { may } from '../../core/access/access.ts';
import type { Transport } from '../../ports/transport.ts';
import { askAll, type MissingHost } from '../ask-all.ts';
import { decodeJson, encodeJson } from '../catalog/record-body.ts';
import type { Actor, RecordingPlatform } from '../platform.ts';
import type { HostLoss } from '../view/host-loss.ts';
import type { MeshView } from '../view/mesh-view.ts';
import type { Recordings } from './recordings.ts';

/** Who does not answer by then is named as missing. Milliseconds. */
const LIST_MS = 1_500;
const CALL_MS = 5_000;
const READ = 'recording.read';

const Named = Type.Object({ id: ShellIdSchema });
const Removal = Type.Object({ id: ShellIdSchema, actor: Type.String({ maxLength: 128 }) });
const [named, removal, list] = [
  Compile(Named),
  Compile(Removal),
  Compile(Type.Array(Recording, { maxItems: 2 * limits.recordings })),
];

export interface MeshRecordingsParts {
  readonly transport: Transport;
  readonly own: Recordings;
  readonly view: Pick<MeshView, 'hosts'>;
  readonly losses: Pick<HostLoss, 'watch'>;
}

/** Recordings of all hosts: each keeps its own, and is asked for them. */
export class MeshRecordings implements RecordingPlatform {
  readonly #parts: MeshRecordingsParts;

  constructor(parts: MeshRecordingsParts) {
    this.#parts = parts;
    const { transport, own } = parts;
    transport.handle('recording.list', async () => encodeJson(await own.list()));
    transport.handle('recording.remove', async (_from, body) => {
      const { id, actor } = decodeJson<Type.Static<typeof Removal>>(body, (v) => removal.Check(v), 'removal');
      await own.remove(id, actor);
      return encodeJson({});
    });
    transport.handleStream(READ, async (_from, header) => {
      const { id } = decodeJson<Type.Static<typeof Named>>(header, (v) => named.Check(v), 'recording');
      const chunks = await own.read(id);
      return (stream) => {
        stream.resume();
        Readable.from(chunks)
          .on('error', (error) => stream.destroy(error))
          .pipe(stream);
      };
    });
  }

  async list(
    actor: Actor,
  ): Promise<{ readonly items: readonly Recording[]; readonly missing: readonly MissingHost[] }> {
    const access = may(actor, 'recording.read', {});
    if (!access.ok) throw new ShoalError('forbidden', access.detail);
    const { answers, missing } = await askAll(this.#parts.view, (hostId) => this.#listOf(hostId));
    const items = answers
      .flatMap(({ hostId, answer }) => answer.filter((recording) => recording.hostId === hostId))
      .filter(({ group, app }) => may(actor, 'recording.read', { group, app }).ok);
    return { items, missing };
  }

  async read(id: string, actor: Actor, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const { transport, own, losses } = this.#parts;
    const { hostId } = await this.#find(id, actor, 'recording.read');
    if (hostId === transport.hostId) return own.read(id);
    const stream = await transport.openStream(hostId, READ, encodeJson({ id }), { timeoutMs: CALL_MS, signal });
    const unwatch = losses.watch(hostId, (error) => stream.destroy(error));
    stream.on('error', () => {}).once('close', unwatch);
    stream.end();
    return stream;
  }

  async remove(id: string, actor: Actor): Promise<void> {
    const { transport, own } = this.#parts;
    const { hostId } = await this.#find(id, actor, 'recording.delete');
    if (hostId === transport.hostId) await own.remove(id, actor.id);
    else await transport.call(hostId, 'recording.remove', encodeJson({ id, actor: actor.id }), { timeoutMs: CALL_MS });
  }

  async #find(id: string, actor: Actor, action: 'recording.read' | 'recording.delete'): Promise<Recording> {
    const { items, missing } = await this.list(actor);
    const found = items.find((recording) => recording.id === id);
    if (found === undefined) {
      const [silent] = missing;
      if (silent === undefined) throw new ShoalError('not-found', `There is no recording ${id}.`);
      const names = missing.map(({ hostName }) => hostName).join(', ');
      throw new ShoalError(
        'host-unreachable',
        `No host that answers has the recording ${id}; ${names} did not answer.`,
      );
    }
    const access = may(actor, action, { group: found.group, app: found.app });
    if (!access.ok) throw new ShoalError('forbidden', access.detail);
    return found;
  }

  async #listOf(hostId: HostId): Promise<readonly Recording[]> {
    const { transport, own } = this.#parts;
    if (hostId === transport.hostId) return own.list();
    const body = await transport.call(hostId, 'recording.list', encodeJson({}), { timeoutMs: LIST_MS });
    return decodeJson<Recording[]>(body, (value) => list.Check(value), 'recordings');
  }
}
