import { newId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import type { CommandOf } from '../../../protocol/schemas/commands.ts';
import type { TokenRecord } from '../../../protocol/schemas/model.ts';
import type { Token } from '../../../protocol/schemas/requests.ts';
import { keys, prefixes } from '../catalog/keys.ts';
import { type ModelContext, type ModelView, refuse, timestamp, type Verdict, type Write } from './verdict.ts';

/** What people see of a join token: never its secret, not even hashed. */
export const tokenView = ({ secretHash: _hidden, ...token }: TokenRecord): Token => token;

/** Records a new join token. The shell makes the secret and adds the full token to the answer, once. */
export function createToken(command: CommandOf<'token.create'>, view: ModelView, context: ModelContext): Verdict {
  if (context.tokenSecretHash === undefined) throw new Error('token.create needs tokenSecretHash');
  const stale = staleTokens(view, context.nowMs);
  if (view.list(prefixes.tokens).length - stale.length >= limits.joinTokens) {
    const detail = `The mesh has ${limits.joinTokens} join tokens, the most it may have. Expired ones go after some days.`;
    return refuse('conflict', detail);
  }
  const token: TokenRecord = {
    id: newId<string>('token', context.nowMs, context.rng),
    secretHash: context.tokenSecretHash,
    ...(command.description === undefined ? {} : { description: command.description }),
    createdAt: timestamp(context),
    expiresAt: new Date(context.nowMs + command.expiresInMs).toISOString(),
    maxUses: command.maxUses,
    usedBy: [],
    revoked: false,
  };
  const key = keys.token(token.id);
  return { ok: true, writes: [{ key, value: token }, ...stale], body: tokenView(token), primaryKey: key };
}

/** Deletions of tokens that expired long ago: nobody asks about them any more. */
function staleTokens(view: ModelView, nowMs: number): Write[] {
  const expiredBefore = new Date(nowMs - limits.operationRetentionMs).toISOString();
  return view
    .list<TokenRecord>(prefixes.tokens)
    .filter(({ value }) => value.expiresAt < expiredBefore)
    .map(({ key }) => ({ key, value: undefined }));
}

/** Makes a join token useless. Hosts that joined with it stay members. Revoking twice changes nothing. */
export function revokeToken(command: CommandOf<'token.revoke'>, view: ModelView): Verdict {
  const key = keys.token(command.tokenId);
  const before = view.get<TokenRecord>(key);
  if (before === undefined) return refuse('not-found', `There is no join token ${command.tokenId}.`);
  const token: TokenRecord = { ...before, revoked: true };
  const writes = before.revoked ? [] : [{ key, value: token }];
  return { ok: true, writes, body: tokenView(token), primaryKey: key };
}
