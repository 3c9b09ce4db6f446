import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ShoalError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import { eventually, Mesh, type TestAgent } from './world.ts';
import { Libp2pWorld, MemoryWorld } from './worlds.ts';

const options = { timeoutMs: 5_000 };
const empty = new Uint8Array();

/** A body whose bytes tell their place. */
const patterned = (length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => (index * 31) % 251);

describe.each([
  ['memory', () => new MemoryWorld()],
  ['libp2p', () => new Libp2pWorld()],
] as const)('calls over %s', (_, newWorld) => {
  let mesh: Mesh;
  let a: TestAgent;
  let b: TestAgent;
  beforeEach(async () => {
    mesh = new Mesh(newWorld());
    a = await mesh.member();
    b = await mesh.member();
  });
  afterEach(() => mesh.stopAll());

  it('answers with what the handler returns, and tells it who asks', async () => {
    b.transport.handle('whoami', async (from, body) => Buffer.concat([Buffer.from(from), body]));
    const answer = await a.transport.call(b.hostId, 'whoami', Buffer.from('!'), options);
    expect(Buffer.from(answer).toString()).toBe(`${a.hostId}!`);
  });

  it.each([
    [
      'an error of the table',
      new ShoalError('conflict', 'taken', { faults: [{ pointer: '/a', detail: 'b' }] }),
      'conflict',
      'taken',
      1,
    ],
    ['any other error', new Error('secret path'), 'internal', 'The host failed to answer.', 0],
  ])('carries %s', async (_, thrown, code, message, faults) => {
    b.transport.handle('fail', async () => {
      throw thrown;
    });
    const error: ShoalError = await a.transport.call(b.hostId, 'fail', empty, options).catch((reason) => reason);
    expect([error.code, error.message, error.faults.length]).toEqual([code, message, faults]);
  });

  it('refuses a method that nobody handles', async () => {
    await expect(a.transport.call(b.hostId, 'nothing', empty, options)).rejects.toMatchObject({
      code: 'invalid-request',
    });
  });

  it('carries the largest body both ways', async () => {
    b.transport.handle('echo', async (_, body) => body);
    const body = patterned(limits.callBodyBytes);
    expect(Buffer.compare(await a.transport.call(b.hostId, 'echo', body, options), body)).toBe(0);
  });

  it('refuses larger ones', async () => {
    b.transport.handle('grow', async () => new Uint8Array(limits.callBodyBytes + 1));
    const large = new Uint8Array(limits.callBodyBytes + 1);
    await expect(a.transport.call(b.hostId, 'grow', large, options)).rejects.toMatchObject({ code: 'too-large' });
    await expect(a.transport.call(b.hostId, 'grow', empty, options)).rejects.toMatchObject({ code: 'too-large' });
  });

  /** A handler that never answers by itself, and the signals it was given. */
  const hang = (): AbortSignal[] => {
    const signals: AbortSignal[] = [];
    b.transport.handle('hang', (_, __, signal) => {
      signals.push(signal);
      return new Promise((_, reject) =>
        signal.addEventListener('abort', () => reject(new ShoalError('cancelled', 'stopped'))),
      );
    });
    return signals;
  };

  it('gives up at the deadline and tells the handler', async () => {
    const signals = hang();
    await expect(a.transport.call(b.hostId, 'hang', empty, { timeoutMs: 200 })).rejects.toMatchObject({
      code: 'timeout',
    });
    await eventually(() => signals[0]?.aborted === true, 'the handler is told');
  });

  it('can be cancelled, and tells the handler', async () => {
    const signals = hang();
    const cancel = new AbortController();
    const call = a.transport.call(b.hostId, 'hang', empty, { ...options, signal: cancel.signal });
    const outcome = expect(call).rejects.toMatchObject({ code: 'cancelled' });
    await eventually(() => signals.length === 1, 'the handler runs');
    cancel.abort();
    await outcome;
    await eventually(() => signals[0]?.aborted === true, 'the handler is told');
  });

  it('fails when the peer goes away before it answered', async () => {
    const signals = hang();
    const outcome = expect(a.transport.call(b.hostId, 'hang', empty, options)).rejects.toMatchObject({
      code: 'host-unreachable',
    });
    await eventually(() => signals.length === 1, 'the handler runs');
    await mesh.stop(b);
    await outcome;
  });

  it('fails when the host cannot be reached', async () => {
    const absent = await mesh.absent();
    await expect(a.transport.call(absent, 'any', empty, options)).rejects.toMatchObject({ code: 'host-unreachable' });
  });

  it('reaches a peer that restarted since the last call', async () => {
    b.transport.handle('count', async () => Uint8Array.of(1));
    await a.transport.call(b.hostId, 'count', empty, options);
    const again = await mesh.restart(b);
    again.transport.handle('count', async () => Uint8Array.of(2));
    expect([...(await a.transport.call(b.hostId, 'count', empty, options))]).toEqual([2]);
  });

  it('serves a bounded number of one peer’s calls at once, and refuses the rest with a code', async () => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    let running = 0;
    b.transport.handle('wait', async () => {
      running++;
      await released;
      return empty;
    });
    const calls = Array.from({ length: limits.callsPerPeer }, () => a.transport.call(b.hostId, 'wait', empty, options));
    await eventually(() => running === limits.callsPerPeer, 'all allowed calls run');
    await expect(a.transport.call(b.hostId, 'wait', empty, options)).rejects.toMatchObject({ code: 'rate-limited' });
    release();
    await Promise.all(calls);
    await expect(a.transport.call(b.hostId, 'wait', empty, options)).resolves.toHaveLength(0);
  });

  it('refuses the calls of a stranger', async () => {
    b.transport.handle('any', async () => empty);
    const stranger = await mesh.stranger();
    await expect(stranger.transport.call(b.hostId, 'any', empty, options)).rejects.toMatchObject({
      code: 'host-unreachable',
    });
  });

  it('lets a stranger join only while a join is open, with its proved id', async () => {
    b.transport.handleJoin(async (from, body) => Buffer.concat([Buffer.from(from), body]));
    const early = await mesh.join(b, Uint8Array.of(33));
    await expect(early.reply).rejects.toMatchObject({ code: 'host-unreachable' });
    mesh.isJoinOpen = true;
    const { hostId, reply } = await mesh.join(b, Uint8Array.of(33));
    expect(Buffer.from(await reply).toString()).toBe(`${hostId}!`);
  });

  it('tells the stranger why its join was refused', async () => {
    mesh.isJoinOpen = true;
    b.transport.handleJoin(async () => {
      throw new ShoalError('token-invalid', 'used up');
    });
    const { reply } = await mesh.join(b, empty);
    await expect(reply).rejects.toMatchObject({ code: 'token-invalid', message: 'used up' });
  });
});
