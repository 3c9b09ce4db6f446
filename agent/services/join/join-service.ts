import { createHash } from 'node:crypto';
import { ShoalError } from '../../../protocol/errors.ts';
import type { HostId, MeshId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import type { TokenRecord } from '../../../protocol/schemas/model.ts';
import { PROTOCOL_VERSION, PROTOCOL_VERSION_MIN } from '../../../protocol/version.ts';
import { isTokenUsable } from '../../core/access/admission.ts';
import { prefixes } from '../../core/catalog/keys.ts';
import type { CatalogRecord } from '../../core/catalog/record.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Transport } from '../../ports/transport.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { joinReplyCodec, joinRequestCodec } from '../codec/join.ts';
import type { CommandService } from '../commands/command-service.ts';
import type { EventRecorder } from '../events/event-recorder.ts';
import type { MeshView } from '../view/mesh-view.ts';

export interface JoinServiceParts {
  readonly meshId: MeshId;
  readonly transport: Transport;
  readonly commands: CommandService;
  readonly catalog: Catalog;
  readonly view: MeshView;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly log: Log;
  /** Opens secrets of the catalog. */
  readonly meshKey: Uint8Array | undefined;
}

/** What a new member needs before it can talk to the others: who may never come back, who they are, who may command. */
const snapshotPrefixes = [prefixes.evictions, prefixes.members, prefixes.credentials, prefixes.hosts];

/** Lets hosts in that show a valid token. Any member can; the token's steward counts its uses. */
export class JoinService {
  readonly #parts: JoinServiceParts;

  constructor(parts: JoinServiceParts) {
    this.#parts = parts;
    parts.transport.handleJoin((from, body, signal) => this.#join(from, body, signal));
  }

  /** Whether strangers may connect at all. */
  isOpen(): boolean {
    const { catalog, clock } = this.#parts;
    return catalog.list<TokenRecord>(prefixes.tokens).some(({ value }) => isTokenUsable(value, clock.nowMs()));
  }

  async #join(from: HostId, body: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    const { commands, meshId, view, events, log } = this.#parts;
    const request = joinRequestCodec.decode(body);
    if (request.protocolVersion < PROTOCOL_VERSION_MIN || request.protocolVersion > PROTOCOL_VERSION + 1) {
      throw new ShoalError(
        'conflict',
        `This mesh speaks protocol ${PROTOCOL_VERSION}, the host ${request.protocolVersion}. Install the same release.`,
      );
    }
    await commands.run(
      {
        kind: 'member.admit',
        tokenId: request.tokenId,
        secretHash: createHash('sha256').update(request.secret).digest('hex'),
        hostId: from,
        name: request.name,
        addresses: [...request.addresses],
      },
      // No idempotency key: a host that joins again is judged again.
      { actor: { id: request.tokenId, role: 'admin' }, signal },
    );
    log.info({ hostId: from }, 'a host joined the mesh');
    events.record({
      kind: 'host.joined',
      message: `${request.name} joined the mesh`,
      host: from,
      actor: request.tokenId,
    });
    const members = view.memberIds().map((hostId) => {
      const host = view.host(hostId);
      return { hostId, name: host?.name ?? '', addresses: view.addressesOf(hostId) };
    });
    return joinReplyCodec.encode({
      meshId,
      members,
      records: this.#snapshot(),
      meshKey: this.#parts.meshKey ?? new Uint8Array(),
    });
  }

  /** As much of it as an answer holds; the rest comes with the first comparison of catalogs. */
  #snapshot(): CatalogRecord[] {
    const { catalog } = this.#parts;
    const records = snapshotPrefixes.flatMap((prefix) =>
      catalog.list(prefix).flatMap(({ key }) => catalog.record(key) ?? []),
    );
    let leftBytes = limits.joinBodyBytes / 2;
    return records.filter((record) => {
      leftBytes -= record.value.length + record.key.length + 256;
      return leftBytes > 0;
    });
  }
}
