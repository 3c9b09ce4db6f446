// What one thread asks another arrives whole, is cancelled when its asker gives up, fails with the same error, and never hangs
// when the other one is gone.
import { MessageChannel } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { type CallerOptions, callerOf, type MethodOf } from '../../../agent/adapters/thread/caller.ts';
import { serve } from '../../../agent/adapters/thread/serve.ts';
import { type Log, silentLog } from '../../../agent/ports/log.ts';
import { ShoalError } from '../../../protocol/errors.ts';
import { waitFor } from '../../framework/wait.ts';

/** Something to ask for. */
class Target {
  readonly cancelled: unknown[] = [];
  told: unknown;

  async double(text: string): Promise<string> {
    return `${text}${text}`;
  }

  async reverse(bytes: Uint8Array): Promise<Uint8Array> {
    return bytes.toReversed();
  }

  async refuse(): Promise<void> {
    throw new ShoalError('conflict', 'It is taken.', { faults: [{ pointer: '/name', detail: 'taken' }] });
  }

  async break(): Promise<void> {
    throw new TypeError('secret details');
  }

  async count(to: number, onNumber: (n: number) => void): Promise<string> {
    for (let n = 1; n <= to; n++) onNumber(n);
    return 'counted';
  }

  async tell(_to: string, error: Error): Promise<void> {
    this.told = error;
  }

  async uncloneable(): Promise<unknown> {
    return () => 'a function';
  }

  /** Ends with the signal only. */
  wait(signal: AbortSignal): Promise<string> {
    return new Promise((resolve) => {
      const onAbort = () => {
        this.cancelled.push(signal.reason);
        resolve('cancelled');
      };
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort);
    });
  }

  /** Answers at once, and goes on until the signal aborts. */
  async begin(signal: AbortSignal): Promise<number> {
    signal.addEventListener('abort', () => this.cancelled.push(signal.reason));
    return 7;
  }

  async hidden(): Promise<string> {
    return 'not for others';
  }
}

const methods = [
  'double',
  'reverse',
  'refuse',
  'break',
  'count',
  'tell',
  'uncloneable',
  'wait',
  'begin',
] as const satisfies readonly MethodOf<Target>[];

const channels: MessageChannel[] = [];

function connected(options: CallerOptions<(typeof methods)[number]> = {}, log: Log = silentLog) {
  const channel = new MessageChannel();
  channels.push(channel);
  const target = new Target();
  serve(channel.port2, target, methods, log);
  return { target, channel, remote: callerOf<Target>(channel.port1, methods, options) };
}

afterEach(() => {
  for (const { port1 } of channels.splice(0)) port1.close();
});

describe('calls between threads', () => {
  it('carry arguments and results, many at once', async () => {
    const { remote } = connected();
    const texts = Array.from({ length: 200 }, (_, n) => `${n};`);
    await expect(Promise.all(texts.map((text) => remote.double(text)))).resolves.toEqual(
      texts.map((text) => text + text),
    );
    await expect(remote.reverse(new Uint8Array([1, 2, 3]))).resolves.toEqual(new Uint8Array([3, 2, 1]));
  });

  it('fail with the code, the sentence and the faults of a ShoalError', async () => {
    const { remote } = connected();
    const error = await remote.refuse().catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ShoalError);
    expect(error).toMatchObject({
      code: 'conflict',
      message: 'It is taken.',
      faults: [{ pointer: '/name', detail: 'taken' }],
    });
  });

  it('fail as internal for any other error, whose details are logged where it happened', async () => {
    const logged: object[] = [];
    const { remote } = connected({}, { ...silentLog, error: (fields) => logged.push(fields) });
    const error = await remote.break().catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'internal' });
    expect(String(error)).not.toContain('secret');
    expect(logged).toEqual([{ error: new TypeError('secret details'), method: 'break' }]);
    await expect(remote.uncloneable()).rejects.toMatchObject({ code: 'internal' });
  });

  it('call functions among the arguments, in order and before the result', async () => {
    const { remote } = connected();
    const numbers: number[] = [];
    const result = remote.count(3, (n) => numbers.push(n)).then((text) => [text, ...numbers]);
    await expect(result).resolves.toEqual(['counted', 1, 2, 3]);
  });

  it('hand errors on with their code', async () => {
    const { remote, target } = connected();
    await remote.tell('reader', new ShoalError('upstream-denied', 'No.'));
    expect(target.told).toBeInstanceOf(ShoalError);
    expect(target.told).toMatchObject({ code: 'upstream-denied', message: 'No.' });
  });

  it('are cancelled by a signal, and end as the other side says', async () => {
    const { remote, target } = connected();
    const stop = new AbortController();
    const waiting = remote.wait(stop.signal);
    await remote.double('reached');
    stop.abort(new ShoalError('superseded', 'Something better came.'));
    await expect(waiting).resolves.toBe('cancelled');
    expect(target.cancelled).toMatchObject([{ code: 'superseded' }]);
    await expect(remote.wait(AbortSignal.abort())).resolves.toBe('cancelled');
    expect(target.cancelled[1]).toMatchObject({ code: 'cancelled' });
  });

  it('forget a signal once they are answered, unless it lasts', async () => {
    const brief = connected();
    const lasting = connected({ lasting: ['begin'] });
    const stop = new AbortController();
    await expect(brief.remote.begin(stop.signal)).resolves.toBe(7);
    await expect(lasting.remote.begin(stop.signal)).resolves.toBe(7);
    stop.abort();
    await waitFor('the late abort', () => lasting.target.cancelled.length === 1);
    await brief.remote.double('reached');
    expect(brief.target.cancelled).toEqual([]);
  });

  it('are bounded in number, lasting ones until their signal aborts', async () => {
    const { remote } = connected({ lasting: ['begin'], maxCalls: 2 });
    const stop = new AbortController();
    await remote.begin(stop.signal);
    const waiting = remote.wait(stop.signal);
    await expect(remote.double('x')).rejects.toMatchObject({ code: 'rate-limited' });
    stop.abort();
    await waiting;
    await expect(remote.double('x')).resolves.toBe('xx');
  });

  it('reach no method that is not listed', async () => {
    const { channel } = connected();
    const curious = callerOf<Target>(channel.port1, ['hidden']);
    await expect(curious.hidden()).rejects.toMatchObject({ code: 'internal' });
    const nosy = callerOf<{ constructor(): Promise<void> }>(channel.port1, ['constructor']);
    await expect(nosy.constructor()).rejects.toMatchObject({ code: 'internal' });
  });

  it('fail as not-ready when the other side ends, which cancels what runs there', async () => {
    const { remote, target, channel } = connected();
    const waiting = remote.wait(new AbortController().signal);
    await remote.double('reached');
    channel.port1.close();
    await expect(waiting).rejects.toMatchObject({ code: 'not-ready' });
    await expect(remote.double('x')).rejects.toMatchObject({ code: 'not-ready' });
    await waitFor('the cancel', () => target.cancelled.length === 1);
  });
});
