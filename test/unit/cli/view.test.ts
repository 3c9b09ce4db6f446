import { describe, expect, test } from 'vitest';
import type { Screen } from '../../../agent/cli/outside.ts';
import { decisionLines } from '../../../agent/cli/view/decision.ts';
import { formatBytes, formatDuration, printable, printableJson } from '../../../agent/cli/view/format.ts';
import { fitLine, LiveArea } from '../../../agent/cli/view/live-area.ts';
import { operationFrame } from '../../../agent/cli/view/operation-frame.ts';
import { OperationLines } from '../../../agent/cli/view/operation-lines.ts';
import type { Paint } from '../../../agent/cli/view/paint.ts';
import { tableLines } from '../../../agent/cli/view/table.ts';
import { deployOf, HOST, hostStep, OP, preheatOf, step } from './operations.ts';

const plain: Paint = (_tone, text) => text;
const frame = { nowMs: Date.parse('2025-01-01T00:00:12Z'), height: 20, paint: plain, isUnicode: false };

describe('the live view of an operation', () => {
  test('shows one line for each replica with what it does', () => {
    const steps = [
      step(2, 'auction'),
      step(0, 'healthy', { hostName: 'h2' }),
      step(1, 'pulling', { hostName: 'host-10', pull: { bytes: 34_000_000, totalBytes: 120_000_000 } }),
    ];
    expect(operationFrame(deployOf(steps), frame)).toEqual([
      `deploy shop/web v3, 3 replicas in default  ${OP}  12s`,
      '  0  h2       * healthy',
      '  1  host-10  ~ pulling   ####............ 34/120 MB',
      '  2  -        . auction',
      '1/3 done: 1 auction, 1 pulling, 1 healthy',
    ]);
  });

  test('when they do not all fit, shows those that need eyes and counts the others', () => {
    const steps = Array.from({ length: 50 }, (_, at) => step(at, at === 40 ? 'failed' : 'healthy', { hostName: 'h1' }));
    const lines = operationFrame(deployOf(steps), { ...frame, height: 8 });
    expect(lines).toHaveLength(8);
    expect(lines).toContain('  40  h1  x failed');
    expect(lines).toContain('  and 45 more');
  });

  test('as plain lines, says each change once and a pull at every quarter', () => {
    const lines = new OperationLines();
    const at = (bytes: number) =>
      deployOf([step(0, 'pulling', { hostName: 'h1', pull: { bytes, totalBytes: 100_000_000 } })]);
    expect(lines.next(deployOf([step(0, 'auction')]))).toEqual([
      `deploy shop/web v3, 1 replica in default  ${OP}`,
      'shop/web/0 auction',
    ]);
    expect(lines.next(at(1_000_000))).toEqual(['shop/web/0 on h1 pulling 1.0/100 MB']);
    expect(lines.next(at(2_000_000))).toEqual([]);
    expect(lines.next(at(60_000_000))).toEqual(['shop/web/0 on h1 pulling 60/100 MB']);
  });
});

describe('the live view of work on images', () => {
  const progress = { bytes: 34_000_000, totalBytes: 120_000_000 };

  test('shows one line for each host', () => {
    const steps = [
      hostStep('h10', 'running', { ...progress, peers: 2 }),
      hostStep('h2', 'done', { bytes: 2 * 1024 ** 2 }),
      hostStep('h3', 'failed', { detail: 'disk full' }),
    ];
    expect(operationFrame(preheatOf(steps), frame)).toEqual([
      `preheat team/app:1 on 3 hosts  ${OP}  12s`,
      '  h2   * done     2M',
      '  h3   x failed   disk full',
      '  h10  ~ running  ####............ 34/120 MB from 2 hosts',
      '1/3 done: 1 failed, 1 running, 1 done',
    ]);
  });

  test('as plain lines, says each change once', () => {
    const lines = new OperationLines();
    const at = (...steps: Parameters<typeof preheatOf>[0]) => lines.next(preheatOf(steps, { kind: 'verify' }));
    expect(at(hostStep('h1', 'waiting'))).toEqual([`verify team/app:1 on 1 host  ${OP}`, 'h1 waiting']);
    expect(at(hostStep('h1', 'running', progress))).toEqual(['h1 running 34/120 MB']);
    expect(at(hostStep('h1', 'running', { ...progress, bytes: 35_000_000 }))).toEqual([]);
    expect(at(hostStep('h1', 'lost'))).toEqual(['h1 lost']);
  });
});

describe('the live area', () => {
  function terminal() {
    let written = '';
    const screen: Screen = {
      write: (text) => {
        written += text;
      },
      isTty: true,
      columns: () => 40,
      rows: () => 5,
    };
    return {
      screen,
      take: () => {
        const text = written.replaceAll('\u001b[?25l', '').replaceAll('\u001b[?25h', '');
        written = '';
        return text;
      },
    };
  }

  test('goes back up and writes only the lines that changed', () => {
    const { screen, take } = terminal();
    const area = new LiveArea(screen);
    area.draw(['one', 'two']);
    expect(take()).toBe('\r\u001b[2Kone\r\n\r\u001b[2Ktwo\r\n');
    area.draw(['one', 'TWO']);
    expect(take()).toBe('\u001b[2A\r\n\r\u001b[2KTWO\r\n');
  });

  test('erases lines that are no more, and never draws more than fit', () => {
    const { screen, take } = terminal();
    const area = new LiveArea(screen);
    area.draw(['1', '2', '3', '4', '5', '6']);
    expect(take().match(/\n/g)).toHaveLength(4);
    area.draw(['1']);
    expect(take()).toBe('\u001b[4A\r\n\r\u001b[0J');
  });

  test('cuts a line by what is seen of it, and keeps its colours whole', () => {
    expect(fitLine('\u001b[31mabcdef\u001b[39m', 3)).toBe('\u001b[31mabc\u001b[39m');
    expect(fitLine('äöü', 2)).toBe('äö');
  });
});

describe('tables and words', () => {
  test('align columns, numbers to the right, and leave out those without any value', () => {
    const rows = [
      { name: 'a', size: 5, note: undefined },
      { name: 'long', size: 1_000, note: undefined },
    ];
    const lines = tableLines<(typeof rows)[number]>(
      [
        { title: 'NAME', cell: (row) => row.name },
        { title: 'SIZE', cell: (row) => row.size, isNumber: true },
        { title: 'NOTE', cell: (row) => row.note },
      ],
      rows,
      plain,
    );
    expect(lines).toEqual(['NAME  SIZE', 'a        5', 'long  1000']);
  });

  test('text of the network cannot steer the terminal', () => {
    expect(printable('a\u001b[2Jb\u0007\u009b31m\u202ec\nd\te')).toBe('a[2Jb31mc\nd e');
    const [, line] = tableLines([{ title: 'N', cell: (row: string) => row }], ['x\u001b]0;title\u0007\ny'], plain);
    expect(line).toBe('x]0;title y');
  });

  test('neither can JSON, and it still says the same', () => {
    const text = 'a\u001b[2Jb\u0007\u009b31m\u202ec\u007fü\n';
    const json = printableJson(JSON.stringify({ text }));
    expect(json).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(JSON.parse(json)).toEqual({ text });
  });

  test.each([
    [0, '0B'],
    [256 * 1024 ** 2, '256M'],
    [1.5 * 1024 ** 3, '1.5G'],
  ])('%d bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  test.each([
    [-5, '0s'],
    [59_999, '59s'],
    [61_000, '1m1s'],
    [3_600_000, '1h'],
    [3 * 86_400_000, '3d'],
  ])('%d ms are %s', (ms, text) => expect(formatDuration(ms)).toBe(text));
});

test('a decision says who offered what, who refused why with numbers, and who got what', () => {
  const decision = {
    at: '2025-01-01T00:00:00Z',
    auctioneer: HOST,
    wanted: 2,
    offers: [
      {
        hostId: HOST,
        hostName: 'h1',
        zone: 'a',
        slots: 3,
        appReplicas: 0,
        memoryFreeBytes: 1024 ** 3,
        memoryAllocatableBytes: 4 * 1024 ** 3,
        imagePresent: true,
        containers: 2,
        recentFailures: 0,
        awarded: 1,
      },
    ],
    refusals: [
      {
        hostId: HOST,
        hostName: 'h2',
        rule: 'insufficient-memory' as const,
        detail: 'needs 512 MiB, has 100 MiB',
        numbers: { neededBytes: 512 * 1024 ** 2, freeBytes: 100 * 1024 ** 2 },
        transient: false,
      },
    ],
    placed: [],
  };
  const text = decisionLines(decision, new Map([[HOST, 'h1']]), plain).join('\n');
  expect(text).toContain('by h1: 0 of 2 replicas placed');
  expect(text).toMatch(/h1 +1 +3 +0 +a +0 +1G \(25%\) +yes +2/);
  expect(text).toMatch(/h2 +insufficient-memory +needs 512 MiB, has 100 MiB +needed=512M free=100M/);
});
