import type { HostId } from '../../protocol/ids.ts';
import { compareHash, type Hash64, hash64 } from './hash.ts';
import { compareText } from './order.ts';

/** Negative when `a` comes first: the higher score, then the smaller id so that the order is total. */
function byScore(a: { member: HostId; score: Hash64 }, b: { member: HostId; score: Hash64 }): number {
  return compareHash(b.score, a.score) || compareText(a.member, b.member);
}

const scored = (key: string, member: HostId) => ({ member, score: hash64(`${key}\n${member}`) });

/**
 * The member in charge of a key: the highest rendezvous hash (Thaler and Ravishankar 1998). All who see the same members
 * agree without a word, and a member that leaves moves only its own keys. Undefined without members.
 */
export function stewardOf(key: string, members: Iterable<HostId>): HostId | undefined {
  let best: { member: HostId; score: Hash64 } | undefined;
  for (const member of members) {
    const candidate = scored(key, member);
    if (best === undefined || byScore(candidate, best) < 0) best = candidate;
  }
  return best?.member;
}

/** The first `n` members for a key, best first: the steward and those that take over after it. */
export function rank(key: string, members: Iterable<HostId>, n: number): readonly HostId[] {
  return [...members]
    .map((member) => scored(key, member))
    .sort(byScore)
    .slice(0, n)
    .map(({ member }) => member);
}
