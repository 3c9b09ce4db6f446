import { randomBytes } from 'node:crypto';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Host, Member } from '../../../protocol/schemas/host.ts';
import { deployed, itemsOf } from '../../framework/deploys.ts';
import { RealCluster } from '../../framework/real-cluster.ts';
import type { RealHost } from '../../framework/real-host.ts';
import { waitFor } from '../../framework/wait.ts';
import { allSee, ask, DEADLINE_MS, makeGroup, statuses, whole } from './fleet.ts';
import { altered, bareHosts, createToken, dataDirOf, joinWith, startJoined, through } from './joiner.ts';

let cluster: RealCluster;
let bare: readonly RealHost[];
let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'shoal-membership-'));
  cluster = await RealCluster.up({ purpose: 'm', hosts: 3 });
  bare = await bareHosts(cluster, 3);
  await makeGroup(cluster.host(1));
});
afterAll(async () => {
  for (const host of bare ?? []) host.close();
  await cluster?.down();
  await rm(scratch, { recursive: true, force: true });
});

/** `newcomer(0)` is h4, which has an engine and no agent at first. */
function newcomer(index: number): RealHost {
  const host = bare[index];
  if (host === undefined) throw new Error(`there is no newcomer ${index}`);
  return host;
}

const memberNames = async (host: RealHost): Promise<readonly string[]> =>
  (await itemsOf<Member>(host, '/v1/members')).map(({ name }) => name).sort();

/** Tries to get in with a data directory of its own, so that tries do not meet each other. */
const tryToJoin = (host: RealHost, token: string) =>
  joinWith(cluster, host, token, join(scratch, randomBytes(4).toString('hex')));

describe('a host without a valid token', () => {
  it('does not get in, whatever is wrong with the token', async () => {
    const member = cluster.host(2);
    const [good, revoked, expired] = await Promise.all([
      createToken(member),
      createToken(member),
      createToken(member, 1, 1_000),
    ]);
    await ask(member, 'DELETE', `/v1/tokens/${revoked.id}`, 204);
    await waitFor('the token to expire', () => Date.now() > Date.parse(expired.expiresAt));
    const wrong = {
      'a wrong secret': altered(good.token, ({ secret }) => ({ secret: randomBytes(secret.length) })),
      'an id that no token has': altered(good.token, () => ({ tokenId: `tk_${'0'.repeat(26)}` })),
      'a revoked token': revoked.token,
      'an expired token that pretends to be good': altered(expired.token, () => ({ expiresAtMs: Date.now() + 60_000 })),
    };
    for (const [what, token] of Object.entries(wrong)) {
      expect(await tryToJoin(newcomer(0), token), what).toMatchObject({
        isIn: false,
        why: /The token (is|was|expired)/,
      });
    }
    const parsed = await tryToJoin(newcomer(0), 'shoal1.bm90IGEgdG9rZW4');
    expect(parsed).toMatchObject({ isIn: false });
    await ask(member, 'DELETE', `/v1/tokens/${good.id}`, 204);
    // Without any token open nobody even listens to a stranger.
    expect(await tryToJoin(newcomer(0), good.token)).toMatchObject({ isIn: false });
    for (const host of cluster.hosts) expect(await memberNames(host)).toEqual(['h1', 'h2', 'h3']);
  });
});

describe('a token for one host', () => {
  it('lets in exactly one of two that come at once through different members', async () => {
    const { token, id } = await createToken(cluster.host(1));
    const [first, second] = await Promise.all([
      joinWith(cluster, newcomer(0), through(token, cluster.host(2))),
      joinWith(cluster, newcomer(1), through(token, cluster.host(3))),
    ]);
    expect([first.isIn, second.isIn].sort()).toEqual([false, true]);
    const loser = first.isIn ? second : first;
    expect(loser).toMatchObject({ why: /was used 1 of 1 times/ });
    for (const host of cluster.hosts) {
      const isCounted = async () => {
        const found = (await itemsOf<{ id: string; usedBy: string[] }>(host, '/v1/tokens')).find((t) => t.id === id);
        return found?.usedBy.length === 1 && (await memberNames(host)).length === 4;
      };
      await waitFor(`${host.name} to count one use and one new member`, isCounted);
    }
    const left = first.isIn ? newcomer(1) : newcomer(0);
    const late = await createToken(cluster.host(3));
    expect(await joinWith(cluster, left, late.token)).toEqual({ isIn: true });
    await Promise.all([newcomer(0), newcomer(1)].map((host) => startJoined(cluster, host)));
    for (const host of [newcomer(0), newcomer(1)]) await allSee(cluster.hosts, host.name, 'alive');
  });
});

describe('an evicted member', () => {
  it('stays out, also after a restart and with a new token, and its containers are replaced', async () => {
    const victim = newcomer(1);
    const stay = [...cluster.hosts, newcomer(0)];
    await deployed(cluster.host(1), 'team/kept', { replicas: 5 });
    await whole([...stay, victim], 'kept', 5);
    const { id } = await ask<Host>(cluster.host(1), 'GET', `/v1/hosts/${victim.name}`, 200);
    await ask(cluster.host(2), 'DELETE', `/v1/members/${id}`, 204, { reason: 'a test' });
    const isOut = async (host: RealHost) =>
      (await itemsOf<Member>(host, '/v1/members')).find(({ hostId }) => hostId === id)?.status === 'evicted' &&
      !Object.hasOwn(await statuses(host), victim.name);
    for (const host of stay) await waitFor(`${host.name} to shut ${victim.name} out`, () => isOut(host), DEADLINE_MS);
    await whole(stay, 'kept', 5);

    await cluster.script('restart', victim.name, 'agent');
    const { token } = await createToken(cluster.host(1));
    const dataDir = join(scratch, 'evicted');
    await mkdir(dataDir, { mode: 0o700 });
    await cp(join(dataDirOf(cluster, victim), 'identity.key'), join(dataDir, 'identity.key'));
    expect(await joinWith(cluster, victim, token, dataDir)).toMatchObject({ isIn: false, why: /was evicted/ });
    for (const host of stay) expect(await isOut(host)).toBe(true);
    // It was told, so it gave its own ones up and starts nothing in the place of those it cannot see.
    await whole([...stay, victim], 'kept', 5);
  });
});

describe('a mesh whose first member is gone for good', () => {
  it('goes on: tokens let hosts in through any member, deploys work on the new host too', async () => {
    await cluster.script('off', 'h1');
    const stay = [cluster.host(2), cluster.host(3), newcomer(0)];
    await allSee(stay, 'h1', 'dead');
    const { token } = await createToken(newcomer(0));
    expect(await joinWith(cluster, newcomer(2), through(token, cluster.host(3)))).toEqual({ isIn: true });
    await startJoined(cluster, newcomer(2));
    await allSee(stay, newcomer(2).name, 'alive');
    await deployed(newcomer(2), 'team/after', { replicas: 4 });
    const replicas = await whole([...stay, newcomer(2)], 'after', 4);
    expect(new Set(replicas.map(({ host }) => host))).toEqual(new Set(['h2', 'h3', 'h4', 'h6']));
  });
});
