import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import type { Readable } from 'node:stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { EventStream, EventStreams } from '../../../agent/api/event-stream.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Event } from '../../../protocol/schemas/model.ts';
import type { AppOperationRecord } from '../../../protocol/schemas/operation.ts';
import { type Ask, deploy, openApi } from './api-fixture.ts';
import { ADMIN_TOKEN, FakePlatform } from './fake-platform.ts';

afterEach(() => void vi.useRealTimers());

const eventAt = (n: number): Event => ({
  id: `ev_${String(n).padStart(26, '0')}`,
  at: '2030-01-01T00:00:00.000Z',
  kind: 'host.dead',
  message: `event ${n}`,
  source: 'h1',
});

interface Message {
  readonly id?: string;
  readonly event?: string;
  readonly data?: string;
}

/** Reads server-sent events one by one. */
class Reader {
  readonly stream: Readable;
  readonly #chunks: AsyncIterator<Buffer>;
  #text = '';

  constructor(stream: Readable) {
    this.stream = stream;
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** The next message, or undefined when the stream has ended. */
  async next(): Promise<Message | undefined> {
    for (;;) {
      const block = await this.#block();
      if (block === undefined) return undefined;
      const lines = block.split('\n').filter((line) => !line.startsWith(':'));
      if (lines.length === 0) continue;
      return Object.fromEntries(
        lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      );
    }
  }

  async #block(): Promise<string | undefined> {
    while (!this.#text.includes('\n\n')) {
      const { done, value } = await this.#chunks.next();
      if (done === true) return undefined;
      this.#text += value.toString();
    }
    const end = this.#text.indexOf('\n\n');
    const block = this.#text.slice(0, end);
    this.#text = this.#text.slice(end + 2);
    return block;
  }
}

async function open(ask: Ask, url: string, headers: Record<string, string> = {}) {
  const answer = await ask({ url, headers, payloadAsStream: true });
  return { answer, reader: new Reader(answer.stream()) };
}

describe('the stream of changes', () => {
  it('begins with all topics and whose view it is, then names what changed', async () => {
    const { ask, platform } = await openApi();
    const { answer, reader } = await open(ask, '/v1/changes');
    expect(answer.headers['content-type']).toBe('text/event-stream');
    const first = JSON.parse((await reader.next())?.data ?? '');
    expect(first).toMatchObject({ hostName: 'h1', meshId: 'mesh-1', alive: 2, members: 3, isolated: false });
    expect(first.topics).toEqual(['apps', 'containers', 'events', 'hosts', 'images', 'members', 'operations']);
    platform.change('hosts', 'apps');
    expect(JSON.parse((await reader.next())?.data ?? '')).toMatchObject({ topics: ['apps', 'hosts'] });
    reader.stream.destroy();
  });
});

describe('an operation stream', () => {
  it('sends the whole operation now and at each change, and ends when it has finished', async () => {
    const { ask, platform } = await openApi();
    const { id } = (await deploy(ask)).json();
    const { answer, reader } = await open(ask, `/v1/operations/${id}/events`);
    expect(answer.headers['content-type']).toBe('text/event-stream');
    const first = await reader.next();
    expect(first).toMatchObject({ id: '1', event: 'operation' });
    expect(JSON.parse(first?.data ?? '')).toMatchObject({ id, state: 'running', total: 2 });

    platform.change('operations', 'containers');
    platform.world.change<AppOperationRecord>(`operations/${id}`, { replicas: 3 });
    platform.change('operations');
    const second = await reader.next();
    expect(second).toMatchObject({ id: '2', event: 'operation' });
    expect(JSON.parse(second?.data ?? '')).toMatchObject({ total: 3 });

    platform.world.change<AppOperationRecord>(`operations/${id}`, { state: 'succeeded' });
    platform.change('operations');
    expect(JSON.parse((await reader.next())?.data ?? '')).toMatchObject({ state: 'succeeded' });
    expect(await reader.next()).toMatchObject({ event: 'end' });
    expect(await reader.next()).toBeUndefined();
    expect(platform.watchers).toBe(0);
  });

  it('of a finished operation ends at once; of none is 404', async () => {
    const { ask, platform } = await openApi();
    const { id } = (await deploy(ask)).json();
    platform.world.change<AppOperationRecord>(`operations/${id}`, { state: 'failed' });
    const answer = await ask({ url: `/v1/operations/${id}/events` });
    expect(answer.body.match(/^event: .*$/gm)).toEqual(['event: operation', 'event: end']);
    expect((await ask({ url: `/v1/operations/op_${'0'.repeat(26)}/events` })).statusCode).toBe(404);
  });
});

describe('the event stream', () => {
  it('begins now, sends each event once, also one that arrives late', async () => {
    const { ask, platform } = await openApi();
    platform.allEvents.push(eventAt(1), eventAt(3));
    const { reader } = await open(ask, '/v1/events/stream');
    platform.allEvents.push(eventAt(5));
    platform.change('events');
    expect(await reader.next()).toMatchObject({ id: eventAt(5).id, event: 'event' });
    platform.allEvents.push(eventAt(2), eventAt(6));
    platform.change('hosts');
    platform.change('events');
    expect(await reader.next()).toMatchObject({ id: eventAt(2).id });
    expect(await reader.next()).toMatchObject({ id: eventAt(6).id });
    reader.stream.destroy();
  });

  it('goes on after Last-Event-ID', async () => {
    const { ask, platform } = await openApi();
    for (let n = 1; n <= 600; n++) platform.allEvents.push(eventAt(n));
    const { reader } = await open(ask, '/v1/events/stream', { 'last-event-id': eventAt(597).id });
    for (const n of [598, 599, 600]) expect(await reader.next()).toMatchObject({ id: eventAt(n).id });
    for (let n = 601; n <= 1_200; n++) platform.allEvents.push(eventAt(n));
    platform.change('events');
    for (let n = 601; n <= 1_200; n++) expect(await reader.next()).toMatchObject({ id: eventAt(n).id });
    platform.allEvents.push(eventAt(1_201));
    platform.change('events');
    expect(await reader.next()).toMatchObject({ id: eventAt(1_201).id });
    reader.stream.destroy();
  });

  it('sends a backlog larger than its queue as fast as it is read, and goes on', async () => {
    const { ask, platform } = await openApi();
    const message = 'x'.repeat(1_000);
    const count = Math.ceil((3 * limits.apiStreamQueueBytes) / message.length);
    for (let n = 1; n <= count; n++) platform.allEvents.push({ ...eventAt(n), message });
    const { reader } = await open(ask, '/v1/events/stream', { 'last-event-id': eventAt(1).id });
    for (let n = 2; n <= count; n++) expect((await reader.next())?.id).toBe(eventAt(n).id);
    platform.allEvents.push(eventAt(count + 1));
    platform.change('events');
    expect((await reader.next())?.id).toBe(eventAt(count + 1).id);
    reader.stream.destroy();
  });

  it('a stopping server ends its streams', async () => {
    const { app, ask, platform } = await openApi();
    const { reader } = await open(ask, '/v1/events/stream');
    await app.close();
    expect(await reader.next()).toBeUndefined();
    expect(platform.watchers).toBe(0);
  });
});

/** A real connection: what happens when sockets close can't be seen otherwise. */
async function connect(app: Awaited<ReturnType<typeof openApi>>['app'], agent: Agent): Promise<IncomingMessage> {
  const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const outgoing = request({ host: '127.0.0.1', port, path: '/v1/events/stream', headers, agent }).end();
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  return answer;
}

describe('over a socket', () => {
  it('a client that goes away is forgotten', async () => {
    const { app, platform } = await openApi();
    const answer = await connect(app, new Agent());
    expect(platform.watchers).toBeGreaterThan(0);
    answer.destroy();
    await vi.waitFor(() => expect(platform.watchers).toBe(0));
  });

  it('a server stops although clients still watch and keep their connections', async () => {
    const { app } = await openApi();
    const agent = new Agent({ keepAlive: true });
    const answer = await connect(app, agent);
    const closed = app.close();
    answer.resume();
    await once(answer, 'end');
    await closed;
    agent.destroy();
  });
});

describe('one stream', () => {
  it('says every 15 s that it is still here', () => {
    vi.useFakeTimers();
    const stream = new EventStream();
    vi.advanceTimersByTime(30_000);
    expect(stream.read()?.toString()).toBe(': begin\n\n: still here\n\n: still here\n\n');
    stream.destroy();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is cut off when its client does not keep up', () => {
    const stream = new EventStream();
    const data = 'x'.repeat(limits.apiStreamQueueBytes / 4);
    for (let i = 0; i < 3; i++) stream.send({ event: 'big', data });
    expect(stream.destroyed).toBe(false);
    stream.send({ event: 'big', data });
    expect(stream.destroyed).toBe(true);
    stream.send({ event: 'big', data });
  });

  it('keeps what it has to send when something comes after its end', async () => {
    const stream = new EventStream();
    stream.end();
    stream.send({ event: 'late', data: 1 });
    stream.end();
    const chunks = await stream.toArray();
    expect(chunks.join('')).toBe(': begin\n\n');
  });

  it('never lets data begin a new line', () => {
    const stream = new EventStream();
    stream.send({ id: '1', event: 'x', data: 'a\n\nevent: forged' });
    expect(stream.read()?.toString()).toBe(': begin\n\nid: 1\nevent: x\ndata: "a\\n\\nevent: forged"\n\n');
    stream.destroy();
  });
});

it('more streams than a member serves are refused', async () => {
  const { ask } = await openApi();
  const readers = [];
  for (let i = 0; i < limits.apiStreams; i++) readers.push(await open(ask, '/v1/events/stream'));
  expect((await ask({ url: '/v1/events/stream' })).statusCode).toBe(429);
  for (const { reader } of readers) reader.stream.destroy();
});

it('no stream is begun on a server that stops', () => {
  const streams = new EventStreams(new FakePlatform());
  streams.close();
  expect(() => streams.answer({ request: {} } as never, () => () => {})).toThrow(
    expect.objectContaining({ code: 'not-ready' }),
  );
});
