import { describe, expect, it } from 'vitest';
import { type ForwardedLine, octetCounted, syslogMessage } from '../../../agent/core/forward/line.ts';
import { SEGMENT_BYTES, Segments } from '../../../agent/core/forward/segments.ts';
import { VirtualClock } from '../../../agent/ports/clock-virtual.ts';
import { MemoryCollectors } from '../../../agent/ports/collector-memory.ts';
import { MemoryFolder } from '../../../agent/ports/folder-memory.ts';
import { MemoryStore } from '../../../agent/ports/store-memory.ts';
import { Forwarder } from '../../../agent/services/forward/forwarder.ts';

const line = (text: string, change: Partial<ForwardedLine> = {}): ForwardedLine => ({
  ...{ at: '2026-01-31T12:00:00.123456789Z', host: 'h1', group: 'team', app: 'web', replica: 2, version: 3 },
  ...{ container: 'team-web-2-abcd', containerId: 'ct_1', stream: 'stdout', text },
  ...change,
});

describe('a syslog message', () => {
  it('is RFC 5424, with six digits of a second', () => {
    expect(syslogMessage(line('hello'))).toBe(
      '<14>1 2026-01-31T12:00:00.123456Z h1 team/web team-web-2-abcd - [shoal@32473 group="team" app="web" replica="2" ' +
        'version="3" container="team-web-2-abcd" containerId="ct_1" stream="stdout"] hello',
    );
  });

  it('tells errors from the rest, and escapes what would end a value', () => {
    const message = syslogMessage(line('x', { stream: 'stderr', container: 'a"]\\ b' }));
    expect(message).toMatch(/^<11>1 \S+ h1 team\/web a"]\\_b - /);
    expect(message).toContain('container="a\\"\\]\\\\ b"');
  });

  it('is counted in bytes, not in characters', () => {
    expect(octetCounted('caf\u00e9')).toBe('5 caf\u00e9');
  });
});

describe('the files of a spool', () => {
  it('go oldest first when there is too much, and what was not sent of them is counted', () => {
    const segments = new Segments(3 * SEGMENT_BYTES, []);
    const fill = (lines: number) => {
      const segment = segments.room();
      segment.sizeBytes += SEGMENT_BYTES;
      segment.lines += lines;
    };
    for (const lines of [10, 20, 30]) fill(lines);
    expect(segments.overflow()).toEqual([]);
    expect(segments.sent(1, 100, 4)).toBeUndefined();
    fill(40);
    fill(50);
    expect(segments.overflow()).toEqual([
      { number: 1, lostLines: 6 },
      { number: 2, lostLines: 20 },
    ]);
    expect(segments.sent(1, 100, 4)).toBeUndefined();
    expect(segments.sent(3, SEGMENT_BYTES, 30)).toBe(3);
  });

  it('of an earlier agent are gone on with, but not appended to', () => {
    const segments = new Segments(SEGMENT_BYTES, [{ number: 7, sizeBytes: 100, lines: 3 }]);
    segments.resume(7, 40);
    expect(segments.waitingBytes).toBe(60);
    expect(segments.room().number).toBe(8);
  });
});

describe('forwarding to one place', () => {
  const URL = 'http://collector/';
  function host() {
    const [folder, store, collectors] = [new MemoryFolder(), new MemoryStore(), new MemoryCollectors()];
    const clock = new VirtualClock();
    const start = (maxBytes = 64 * 1024 ** 2) =>
      new Forwarder({
        ...{ name: 'main', hostName: 'h1', folder, store, clock, maxBytes },
        open: () => collectors.open({ url: URL, verify: true }),
      });
    const texts = () => (collectors.lines.get(URL) ?? []).map(({ text }) => text);
    return { start, collectors, clock, texts, folder };
  }

  it('brings lines in order, and nothing twice after a proper restart', async () => {
    const { start, clock, texts, folder } = host();
    const first = start();
    await first.add('ct_1', [line('one'), line('two', { at: '2026-01-31T12:00:01.000000000Z' })]);
    await clock.advance(2_000);
    expect(texts()).toEqual(['one', 'two']);
    expect(first.progress).toMatchObject({ state: 'connected', sentLines: 2, waitingBytes: 0 });
    await first.stop();
    const second = start();
    expect(await second.position('ct_1')).toBe('2026-01-31T12:00:01.000000000Z');
    await clock.advance(2_000);
    expect(texts()).toEqual(['one', 'two']);
    expect(await folder.list()).toEqual([]);
    await second.stop();
  });

  it('keeps lines for a dead collector, also over a restart of the agent', async () => {
    const { start, clock, collectors, texts } = host();
    collectors.dead.add(URL);
    const first = start();
    await first.add('ct_1', [line('kept')]);
    await clock.advance(5_000);
    expect(first.progress).toMatchObject({ state: 'behind', detail: expect.stringContaining('does not answer') });
    const stopping = first.stop();
    await clock.advance(1_000);
    await stopping;
    collectors.dead.clear();
    const second = start();
    await clock.advance(5_000);
    expect(texts()).toEqual(['kept']);
    await second.stop();
  });

  it('drops the oldest when too much waits, and tells the collector how many', async () => {
    const { start, clock, collectors, texts } = host();
    collectors.dead.add(URL);
    const forwarder = start(SEGMENT_BYTES);
    const long = 'x'.repeat(10_000);
    for (let at = 0; at < 400; at++) await forwarder.add('ct_1', [line(`${at} ${long}`)]);
    await clock.advance(2_000);
    const { state, droppedLines } = forwarder.progress;
    expect(state).toBe('dropped');
    expect(droppedLines).toBeGreaterThan(100);
    collectors.dead.clear();
    await clock.advance(300_000);
    expect(texts()[0]).toContain(`${droppedLines} lines of this host were lost`);
    expect(texts()).toHaveLength(1 + 400 - droppedLines);
    expect(texts().at(-1)).toMatch(/^399 /);
    await forwarder.stop();
  });
});
