import { describe, expect, it } from 'vitest';
import { ask } from '../../../agent/core/placement/ask.ts';
import { adopt, createLedger, type Ledger, release } from '../../../agent/core/placement/ledger.ts';
import type { Affinity } from '../../../protocol/schemas/version.ts';
import { makeRng } from '../../sim/framework/rng.ts';
import { container, facts, MiB, offered, requirement } from './fixtures.ts';

const ctx = { nowMs: 0, rng: makeRng(1) };

/** A host that runs one container of `shop/db`. */
function withDb(): Ledger {
  const ledger = createLedger({ allocatableBytes: 4_096 * MiB, cpuMilli: 4_000 });
  const db = { containerId: container('db'), app: 'shop/db', appUid: 'ap_db', memoryBytes: 64 * MiB, cpuMilli: 0 };
  adopt(ledger, [{ ...db, ports: [] }]);
  return ledger;
}

const needs = (...affinity: Affinity[]) => requirement({ affinity });
const bid = (ledger: Ledger, wanted: ReturnType<typeof needs>, auctionId = 'a') =>
  ask(ledger, { auctionId, requirement: wanted, replicas: 1 }, facts(), ctx);

describe('affinity that is required', () => {
  it.each([
    ['with what is there', { app: 'shop/db', rule: 'with', required: true }, undefined],
    ['with what is not there', { app: 'shop/cache', rule: 'with', required: true }, 'affinity'],
    ['apart from what is there', { app: 'shop/db', rule: 'apart', required: true }, 'anti-affinity'],
    ['apart from what is not there', { app: 'shop/cache', rule: 'apart', required: true }, undefined],
  ] as const)('%s', (_, affinity, rule) => {
    const answer = bid(withDb(), needs(affinity));
    expect(answer.ok ? undefined : answer.refusal.rule).toBe(rule);
    if (!answer.ok) expect(answer.refusal.transient).toBe(false);
  });

  it('keeps apart what two auctions want at once, and says that it may pass', () => {
    const ledger = createLedger({ allocatableBytes: 4_096 * MiB, cpuMilli: 4_000 });
    const held = offered(ledger, { auction: 'z', needs: requirement({ app: 'batch', appUid: 'ap_batch' }) });
    const apart = needs({ app: 'shop/batch', rule: 'apart', required: true });
    expect(bid(ledger, apart)).toMatchObject({ ok: false, refusal: { rule: 'anti-affinity', transient: true } });
    release(ledger, held.reservationId);
    expect(bid(ledger, apart).ok).toBe(true);
  });
});

it('affinity that is a wish is told in the offer', () => {
  const wishes = needs({ app: 'shop/db', rule: 'with' }, { app: 'shop/cache', rule: 'apart' });
  expect(bid(withDb(), wishes)).toMatchObject({ ok: true, offer: { companions: 1, rivals: 0 } });
  expect(bid(withDb(), requirement())).not.toHaveProperty('offer.companions');
});
