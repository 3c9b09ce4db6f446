import { limits } from '../../../protocol/limits.ts';
import type { CommandOf } from '../../../protocol/schemas/commands.ts';
import type { CredentialRecord } from '../../../protocol/schemas/model.ts';
import type { Credential } from '../../../protocol/schemas/requests.ts';
import { keys, prefixes } from '../catalog/keys.ts';
import { type ModelContext, type ModelView, refuse, timestamp, type Verdict } from './verdict.ts';

/** What people see of a credential: never its token, not even hashed. */
export const credentialView = ({ secretHash: _hidden, ...credential }: CredentialRecord): Credential => credential;

/** Records whom a new API token stands for. The shell makes the token and adds it to the answer, once. */
export function createCredential(
  command: CommandOf<'credential.create'>,
  view: ModelView,
  context: ModelContext,
): Verdict {
  if (context.tokenSecretHash === undefined) throw new Error('credential.create needs tokenSecretHash');
  const { credential: id, role, description } = command;
  const key = keys.credential(id);
  if (view.get<CredentialRecord>(key) !== undefined) {
    const detail = `There is a credential "${id}" already. Choose another name, or revoke it first.`;
    return refuse('already-exists', detail, [{ pointer: '/id', detail: 'this name is taken' }]);
  }
  if (view.list(prefixes.credentials).length >= limits.credentials) {
    return refuse(
      'conflict',
      `The mesh has ${limits.credentials} credentials, the most it may have. Revoke one first.`,
    );
  }
  const record: CredentialRecord = {
    id,
    secretHash: context.tokenSecretHash,
    role,
    ...(description === undefined ? {} : { description }),
    createdAt: timestamp(context),
  };
  return { ok: true, writes: [{ key, value: record }], body: credentialView(record), primaryKey: key };
}

/** Makes an API token useless. The last admin's stays: nobody could make another. */
export function revokeCredential({ credential: id }: CommandOf<'credential.revoke'>, view: ModelView): Verdict {
  const key = keys.credential(id);
  const before = view.get<CredentialRecord>(key);
  if (before === undefined) return refuse('not-found', `There is no credential "${id}".`);
  const isAdminLeft = view
    .list<CredentialRecord>(prefixes.credentials)
    .some(({ value }) => value.role === 'admin' && value.id !== id);
  if (!isAdminLeft) {
    return refuse(
      'conflict',
      `"${id}" is the last admin. Make another first; without one nobody could change anything.`,
    );
  }
  return { ok: true, writes: [{ key, value: undefined }], body: credentialView(before), primaryKey: key };
}
