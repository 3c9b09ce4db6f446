import { createHash, randomBytes } from 'node:crypto';
import { ShoalError } from '../../../protocol/errors.ts';
import type { HostId, MeshId } from '../../../protocol/ids.ts';
import type { CommandOf } from '../../../protocol/schemas/commands.ts';
import type { TokenRecord } from '../../../protocol/schemas/model.ts';
import type { Token } from '../../../protocol/schemas/requests.ts';
import { encodeJoinToken } from '../../../protocol/token.ts';
import { keys } from '../../core/catalog/keys.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { CommandService } from '../commands/command-service.ts';
import type { CommandContext, CommandResult } from '../platform.ts';
import type { MeshView } from '../view/mesh-view.ts';

/** A joiner needs one of these to answer; more would only make the token longer. */
const MAX_ADDRESSES = 8;

export interface TokenIssuerParts {
  readonly meshId: MeshId;
  readonly hostId: HostId;
  readonly commands: CommandService;
  readonly catalog: Pick<Catalog, 'get'>;
  readonly view: MeshView;
  readonly addresses: () => readonly string[];
}

/** Makes join tokens. The secret is made here and shown once; the catalog gets its hash. */
export class TokenIssuer {
  readonly #parts: TokenIssuerParts;

  constructor(parts: TokenIssuerParts) {
    this.#parts = parts;
  }

  async create(command: CommandOf<'token.create'>, context: CommandContext): Promise<CommandResult> {
    const { catalog, commands, meshId } = this.#parts;
    const secret = randomBytes(32);
    const tokenSecretHash = createHash('sha256').update(secret).digest('hex');
    const result = await commands.run(command, { ...context, tokenSecretHash });
    const record = result.body as Token;
    // A try of ours that was stored although no answer came counts as this one.
    const stored = catalog.get<TokenRecord>(keys.token(record.id))?.value;
    if (result.replayed && stored?.secretHash !== tokenSecretHash) {
      const detail = `Token ${record.id} was made by an earlier try; its secret is shown only once. Revoke it and make another.`;
      throw new ShoalError('conflict', detail);
    }
    const token = encodeJoinToken({
      meshId,
      tokenId: record.id,
      secret,
      addresses: this.#addresses(),
      expiresAtMs: Date.parse(record.expiresAt),
    });
    return { ...result, replayed: false, body: { ...record, token } };
  }

  /** This member first, then others, so that the token works when this one is gone. */
  #addresses(): string[] {
    const { view, hostId, addresses } = this.#parts;
    const own = addresses().map((address) => `${address}/p2p/${hostId}`);
    const others = view
      .aliveIds()
      .filter((id) => id !== hostId)
      .flatMap((id) =>
        view
          .addressesOf(id)
          .slice(0, 1)
          .map((address) => `${address}/p2p/${id}`),
      );
    return [...own, ...others].slice(0, MAX_ADDRESSES);
  }
}
