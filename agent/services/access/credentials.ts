import { timingSafeEqual } from 'node:crypto';
import { ShoalError } from '../../../protocol/errors.ts';
import type { CommandOf } from '../../../protocol/schemas/commands.ts';
import type { CredentialRecord } from '../../../protocol/schemas/model.ts';
import type { Credential } from '../../../protocol/schemas/requests.ts';
import { prefixes } from '../../core/catalog/keys.ts';
import { credentialView } from '../../core/model/credentials.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { CommandService } from '../commands/command-service.ts';
import type { Actor, CommandContext, CommandResult } from '../platform.ts';
import { hashOf, newApiToken } from './api-token.ts';

export interface CredentialsParts {
  readonly catalog: Pick<Catalog, 'list'>;
  readonly commands: Pick<CommandService, 'run'>;
}

/** Whom API tokens stand for. */
export class Credentials {
  readonly #parts: CredentialsParts;

  constructor(parts: CredentialsParts) {
    this.#parts = parts;
  }

  list(): readonly Credential[] {
    return this.#records().map(credentialView);
  }

  /** Looks at all of them, so that the time tells nothing of which was nearly right. */
  authenticate(token: string): Actor | undefined {
    const offered = hashOf(token);
    let actor: Actor | undefined;
    for (const { id, role, secretHash } of this.#records()) {
      const known = Buffer.from(secretHash, 'hex');
      if (known.length === offered.length && timingSafeEqual(known, offered)) actor = { id, role };
    }
    return actor;
  }

  /** Makes a token, which is shown once. */
  async create(command: CommandOf<'credential.create'>, context: CommandContext): Promise<CommandResult> {
    const { token, secretHash } = newApiToken();
    const result = await this.#parts.commands.run(command, { ...context, tokenSecretHash: secretHash });
    if (result.replayed) {
      const detail = `"${command.credential}" was made by an earlier try; its token is shown only once. Revoke it and make another.`;
      throw new ShoalError('conflict', detail);
    }
    return { ...result, body: { ...(result.body as Credential), token } };
  }

  #records(): readonly CredentialRecord[] {
    return this.#parts.catalog.list<CredentialRecord>(prefixes.credentials).map(({ value }) => value);
  }
}
