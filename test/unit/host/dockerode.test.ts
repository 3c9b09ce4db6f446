import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createOptions } from '../../../agent/adapters/dockerode/create-options.ts';
import { withDeadline } from '../../../agent/adapters/dockerode/deadline.ts';
import { type Doing, translate } from '../../../agent/adapters/dockerode/errors.ts';
import { engineEventOf } from '../../../agent/adapters/dockerode/events.ts';
import { jsonLines } from '../../../agent/adapters/dockerode/json-lines.ts';
import { printable, textOfLog } from '../../../agent/adapters/dockerode/log-frames.ts';
import { failureOf, PullMeter } from '../../../agent/adapters/dockerode/pull-progress.ts';
import { parseTakenPorts } from '../../../agent/adapters/systeminformation/proc-net.ts';

const answered = (statusCode: number, message: string) =>
  Object.assign(new Error(`(HTTP code ${statusCode}) server error - ${message} `), { statusCode, json: { message } });

describe('errors of the engine', () => {
  it.each<[Doing, number, string, string]>([
    ['read', 404, 'No such container: x', 'not-found'],
    ['read', 500, 'oh', 'engine-unavailable'],
    ['change', 409, 'is not running', 'conflict'],
    ['change', 400, 'invalid signal', 'invalid-request'],
    ['create', 404, 'No such image: x', 'image-not-found'],
    ['create', 404, 'volume driver not found', 'create-failed'],
    ['create', 409, 'name in use', 'conflict'],
    ['create', 400, 'bad mount', 'create-failed'],
    ['start', 404, 'No such container: x', 'not-found'],
    ['start', 404, 'network x not found', 'create-failed'],
    ['start', 500, 'port is already allocated', 'create-failed'],
    ['pull', 500, 'no basic auth credentials', 'image-not-found'],
  ])('%s, %i "%s" is %s, in the engine\'s words', (doing, status, message, code) => {
    expect(translate(answered(status, message), doing)).toMatchObject({ code, message });
  });

  it.each([
    ['is the wrong kind of thing', 'not a directory', 'not a directory (the image has a directory there'],
    ['is too long', 'file name too long', 'file name too long'],
  ])('say where nothing can be mounted when the place %s, without the paths of the host', (_what, cause, told) => {
    const runc =
      'failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ' +
      'error during container init: error mounting "/host/path" to rootfs at "/etc": mount /host/path:/etc (via ' +
      `/proc/self/fd/6), flags: 0x5001: ${cause}: unknown: Are you trying to mount a directory onto a file?`;
    const { message } = translate(answered(400, runc), 'start');
    expect(message).toContain(`nothing can be mounted at /etc: ${told}`);
    expect(message).not.toContain('/host/path');
  });

  it('without an answer mean that it is away', () => {
    expect(translate(new Error('connect ECONNREFUSED'), 'create').code).toBe('engine-unavailable');
  });
});

describe('a call with a deadline', () => {
  it('ends in time although the library never does', async () => {
    const signal = new AbortController().signal;
    const call = withDeadline({ timeoutMs: 10, doing: 'read', signal }, () => new Promise(() => {}));
    await expect(call).rejects.toMatchObject({ code: 'timeout' });
  });

  it('is cancelled by its caller, and tells the library so', async () => {
    const caller = new AbortController();
    let told = false;
    const call = withDeadline({ timeoutMs: 60_000, doing: 'read', signal: caller.signal }, (signal) => {
      signal.addEventListener('abort', () => {
        told = true;
      });
      return new Promise(() => {});
    });
    caller.abort();
    await expect(call).rejects.toMatchObject({ code: 'cancelled' });
    expect(told).toBe(true);
  });
});

describe('what the engine streams', () => {
  it('is cut into objects wherever the chunks end, garbage left out', async () => {
    const found: unknown[] = [];
    for await (const line of jsonLines(Readable.from(['{"a":1}\n{"b"', ':"ü"}\r\nnonsense\n', '{"c":3}'])))
      found.push(line);
    expect(found).toEqual([{ a: 1 }, { b: 'ü' }, { c: 3 }]);
  });

  it('has events of containers with exit code or health', () => {
    const actor = { ID: 'e1', Attributes: { z: '1', a: '2', exitCode: '137' } };
    const line = { Type: 'container', Action: 'die', Actor: actor, timeNano: 1_700_000_000_123 * 1e6 };
    expect(engineEventOf(line)).toMatchObject({
      engineId: 'e1',
      action: 'die',
      exitCode: 137,
      atMs: 1_700_000_000_123,
    });
    expect(engineEventOf({ ...line, Action: 'health_status: unhealthy' })).toMatchObject({
      action: 'health_status',
      health: 'unhealthy',
    });
    expect(engineEventOf({ ...line, Type: 'network' })).toBeUndefined();
    expect(engineEventOf({ Type: 'container', Action: 'die', Actor: 'nobody' })).toBeUndefined();
  });

  it('has pulls whose layers add up, and a failure that is only a line of it', () => {
    const meter = new PullMeter();
    const down = (id: string, current: number, total: number) => ({
      id,
      status: 'Downloading',
      progressDetail: { current, total },
    });
    expect(meter.take(down('a', 10, 100))).toEqual({ bytes: 10, totalBytes: 100 });
    expect(meter.take(down('b', 5, 50))).toEqual({ bytes: 15, totalBytes: 150 });
    expect(meter.take({ id: 'a', status: 'Download complete' })).toEqual({ bytes: 105, totalBytes: 150 });
    expect(meter.take({ status: 'Status: Downloaded newer image' })).toBeUndefined();
    expect(meter.take({ id: 'a', status: 'Extracting', progressDetail: { current: 1, total: 2 } })).toBeUndefined();
    expect(failureOf({ error: 'manifest unknown', errorDetail: {} })).toBe('manifest unknown');
    expect(failureOf({ status: 'ok' })).toBeUndefined();
  });

  it('has logs in frames, or raw from a terminal, and nothing in them moves a cursor', () => {
    const frame = (stream: number, text: string) => {
      const head = Buffer.alloc(8);
      head[0] = stream;
      head.writeUInt32BE(Buffer.byteLength(text), 4);
      return Buffer.concat([head, Buffer.from(text)]);
    };
    expect(textOfLog(Buffer.concat([frame(1, 'out\n'), frame(2, 'err\n')]))).toBe('out\nerr\n');
    expect(textOfLog(Buffer.from('raw text\n'))).toBe('raw text\n');
    expect(textOfLog(Buffer.alloc(0))).toBe('');
    expect(printable('\u001b[31mred\u001b[0m\u0007\tx\u0000\r\n\u001b]0;title\u0007y')).toBe('red\tx\ny');
  });
});

describe('what is asked of the engine', () => {
  it('forbids swap and restarts, bounds logs, and names nanoseconds', () => {
    const options = createOptions({
      name: 'n',
      image: 'app:1',
      env: { A: 'b=c' },
      labels: {},
      memoryBytes: 64,
      cpuMilli: 250,
      ports: [
        { container: 80, host: 8080, protocol: 'tcp' },
        { container: 80, host: 8081, protocol: 'tcp' },
      ],
      volumes: [{ name: 'g.v', target: '/v', readOnly: true }],
      files: [{ source: '/var/lib/shoal/files/x', target: '/etc/app.conf' }],
      health: { command: ['true'], intervalMs: 100, timeoutMs: 200, retries: 3, startPeriodMs: 0 },
      stopGraceMs: 1_500,
      logMaxBytes: 1_000,
    });
    expect(options).toMatchObject({
      Env: ['A=b=c'],
      StopTimeout: 2,
      Healthcheck: { Test: ['CMD', 'true'], Interval: 1e8, Timeout: 2e8, Retries: 3 },
      HostConfig: {
        Memory: 64,
        MemorySwap: 64,
        NanoCpus: 250e6,
        PortBindings: { '80/tcp': [{ HostPort: '8080' }, { HostPort: '8081' }] },
        Mounts: [
          { Type: 'volume', Source: 'g.v', Target: '/v', ReadOnly: true },
          { Type: 'bind', Source: '/var/lib/shoal/files/x', Target: '/etc/app.conf', ReadOnly: true },
        ],
        RestartPolicy: { Name: 'no' },
        LogConfig: { Type: 'json-file', Config: { 'max-size': '500', 'max-file': '2' } },
      },
    });
  });
});

describe("ports in the kernel's tables", () => {
  const table = [
    '  sl  local_address rem_address   st tx_queue rx_queue',
    '   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000',
    '   1: 0100007F:C350 0100007F:1F90 01 00000000:00000000',
    '   2: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 0',
    '',
  ].join('\n');

  it('are those that listen for tcp, and all for udp', () => {
    expect(parseTakenPorts(table, 'tcp')).toEqual(['tcp/8080', 'tcp/80']);
    expect(parseTakenPorts(table, 'udp')).toEqual(['udp/8080', 'udp/50000', 'udp/80']);
    expect(parseTakenPorts('', 'tcp')).toEqual([]);
  });
});
