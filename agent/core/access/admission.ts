import type { HostId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import type { MemberRecord, TokenRecord } from '../../../protocol/schemas/model.ts';
import { keys, prefixes } from '../catalog/keys.ts';
import { type ModelContext, type ModelView, refuse, timestamp, type Verdict } from '../model/verdict.ts';

/** A host that shows a join token. `secretHash` is the SHA-256 of the secret it sent. */
export interface AdmissionRequest {
  readonly tokenId: string;
  readonly secretHash: string;
  readonly hostId: HostId;
  readonly name: string;
  readonly addresses: readonly string[];
}

/**
 * Whether a host may become a member. The token's steward decides, one join at a time, so a token is never used more often
 * than it allows. The same host with the same token costs no second use: its first answer may have been lost.
 */
export function decideAdmission(request: AdmissionRequest, view: ModelView, context: ModelContext): Verdict {
  const token = view.get<TokenRecord>(keys.token(request.tokenId));
  const isRepeat = token?.usedBy.includes(request.hostId) ?? false;
  const fault = tokenFault(token, request.secretHash, isRepeat, context.nowMs);
  if (token === undefined || fault !== undefined) return refuse('token-invalid', fault ?? 'The token is unknown.');
  if (view.get(keys.eviction(request.hostId)) !== undefined) {
    return refuse(
      'evicted',
      'This host was evicted. To bring it back, remove its data directory and join as a new host.',
    );
  }
  const known = view.get<MemberRecord>(keys.member(request.hostId));
  const others = view
    .list<MemberRecord>(prefixes.members)
    .map(({ value }) => value)
    .filter(({ hostId }) => hostId !== request.hostId && view.get(keys.eviction(hostId as HostId)) === undefined);
  if (others.some(({ name }) => name === request.name)) {
    const detail = `Another member is named ${request.name}. Choose another name, or evict that one first.`;
    return refuse('already-exists', detail);
  }
  if (others.length >= limits.members) {
    return refuse('conflict', `The mesh has ${limits.members} members, the most it may have. Evict one first.`);
  }
  const member: MemberRecord = {
    hostId: request.hostId,
    name: request.name,
    addresses: [...request.addresses],
    joinedAt: known?.joinedAt ?? timestamp(context),
    joinedWith: request.tokenId,
  };
  const used: TokenRecord = isRepeat ? token : { ...token, usedBy: [...token.usedBy, request.hostId] };
  const primaryKey = keys.member(request.hostId);
  return {
    ok: true,
    writes: [
      { key: primaryKey, value: member },
      { key: keys.token(token.id), value: used },
    ],
    body: member,
    primaryKey,
  };
}

function tokenFault(
  token: TokenRecord | undefined,
  secretHash: string,
  isRepeat: boolean,
  nowMs: number,
): string | undefined {
  if (token === undefined || token.secretHash !== secretHash) return 'The token is unknown.';
  if (token.revoked) return 'The token was revoked.';
  if (Date.parse(token.expiresAt) <= nowMs) return `The token expired at ${token.expiresAt}.`;
  if (!isRepeat && token.usedBy.length >= token.maxUses)
    return `The token was used ${token.maxUses} of ${token.maxUses} times.`;
  return undefined;
}

/** Whether a stranger may be let in to show this token: some token is unexpired, unrevoked and not used up. */
export const isTokenUsable = (token: TokenRecord, nowMs: number): boolean =>
  !token.revoked && Date.parse(token.expiresAt) > nowMs && token.usedBy.length < token.maxUses;
