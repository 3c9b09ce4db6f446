import { timingSafeEqual } from 'node:crypto';
import { ShoalError } from '../../../protocol/errors.ts';
import type { CommandOf } from '../../../protocol/schemas/commands.ts';
import type { CredentialRecord } from '../../../protocol/schemas/model.ts';
import type { Credential } from '../../../protocol/schemas/requests.ts';
import { keys, prefixes } from '../../core/catalog/keys.ts';
import { credentialView } from '../../core/model/credentials.ts';
import type { Catalog, Stored } from '../catalog/catalog.ts';
import type { CommandService } from '../commands/command-service.ts';
import type { Actor, CommandContext, CommandResult } from '../platform.ts';
import { hashOf, newApiToken } from './api-token.ts';

/** Whom a token stood for, and which credential it was of. */
export type Holder = Pick<Actor, 'id' | 'revision'>;

export interface CredentialsParts {
  readonly catalog: Pick<Catalog, 'get' | 'list' | 'record'>;
  readonly commands: Pick<CommandService, 'run'>;
}

/** Whom API tokens stand for. */
export class Credentials {
  readonly #parts: CredentialsParts;

  constructor(parts: CredentialsParts) {
    this.#parts = parts;
  }

  list(): readonly Credential[] {
    return this.#all().map(({ value }) => credentialView(value));
  }

  /** Looks at all of them, so that the time tells nothing of which was nearly right. */
  authenticate(token: string): Actor | undefined {
    const offered = hashOf(token);
    let actor: Actor | undefined;
    for (const { value, revision } of this.#all()) {
      const { id, role, secretHash } = value;
      const known = Buffer.from(secretHash, 'hex');
      if (known.length === offered.length && timingSafeEqual(known, offered)) actor = { id, role, revision };
    }
    return actor;
  }

  /** Also when another was made under the same name since. A member that has not heard of the credential yet does not know. */
  isRevoked({ id, revision }: Holder): boolean {
    const known = this.#parts.catalog.record(keys.credential(id))?.hlc;
    return known !== undefined && revision !== undefined && known > revision;
  }

  /** Makes a token, which is shown once. */
  async create(command: CommandOf<'credential.create'>, context: CommandContext): Promise<CommandResult> {
    const { token, secretHash } = newApiToken();
    const result = await this.#parts.commands.run(command, { ...context, tokenSecretHash: secretHash });
    // A try of ours that was stored although no answer came counts as this one.
    const stored = this.#parts.catalog.get<CredentialRecord>(keys.credential(command.credential))?.value;
    if (result.replayed && stored?.secretHash !== secretHash) {
      const detail = `"${command.credential}" was made by an earlier try; its token is shown only once. Revoke it and make another.`;
      throw new ShoalError('conflict', detail);
    }
    return { ...result, replayed: false, body: { ...(result.body as Credential), token } };
  }

  #all(): readonly Stored<CredentialRecord>[] {
    return this.#parts.catalog.list<CredentialRecord>(prefixes.credentials);
  }
}
