import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CreateContainer, Engine, EngineContainer, EngineEvent, LogRange } from '../../../agent/ports/engine.ts';

/** An engine to judge, and what the suite needs to know of it. */
export interface EngineUnderTest {
  readonly engine: Engine;
  /** An image that it has, with a shell that knows echo, sleep, exit and trap. */
  readonly image: string;
  /** Lets the engine's time pass. Milliseconds. */
  readonly pass: (ms: number) => Promise<void>;
  /** A folder whose files the engine can mount. */
  readonly folder: string;
}

const DEADLINE_MS = 20_000;
const STEP_MS = 50;
const MiB = 1024 ** 2;

/** What every engine behind the port does. Containers are named after `prefix`, and removed after each test. */
export function engineSuite(name: string, open: () => Promise<EngineUnderTest>): void {
  describe(`engine port: ${name}`, () => {
    const stop = new AbortController();
    const { signal } = stop;
    let subject: EngineUnderTest;
    let made: string[];
    let ports = 23_000;

    beforeEach(async () => {
      subject = await open();
      made = [];
    });
    afterEach(async () => {
      for (const id of made) await act(subject.engine.remove(id, signal));
    });

    /** Waits for an answer while the engine's time passes. */
    async function act<T>(promise: Promise<T>): Promise<T> {
      let isDone = false;
      const done = () => {
        isDone = true;
      };
      promise.then(done, done);
      for (let passedMs = 0; !isDone && passedMs < DEADLINE_MS; passedMs += STEP_MS) await subject.pass(STEP_MS);
      return promise;
    }

    async function until(what: string, isSo: () => Promise<boolean> | boolean): Promise<void> {
      for (let passedMs = 0; passedMs < DEADLINE_MS; passedMs += STEP_MS) {
        if (await isSo()) return;
        await subject.pass(STEP_MS);
      }
      throw new Error(`it never came true that ${what}`);
    }

    async function create(script: string | undefined, extra: Partial<CreateContainer> = {}): Promise<string> {
      const wanted: CreateContainer = {
        name: `conformance-${Math.random().toString(36).slice(2)}`,
        image: subject.image,
        ...(script === undefined ? {} : { command: ['sh', '-c', script] }),
        env: {},
        labels: { 'shoal.test': 'conformance' },
        memoryBytes: 32 * MiB,
        cpuMilli: 250,
        ports: [],
        volumes: [],
        files: [],
        stopGraceMs: 1_000,
        logMaxBytes: 1 * MiB,
        ...extra,
      };
      const id = await act(subject.engine.create(wanted, signal));
      made.push(id);
      return id;
    }

    async function run(script: string, extra: Partial<CreateContainer> = {}): Promise<string> {
      const id = await create(script, extra);
      await act(subject.engine.start(id, signal));
      return id;
    }

    const inspect = (id: string) => subject.engine.inspect(id, signal);
    const state = async (id: string) => (await inspect(id))?.state;

    /** Events from a stream that is open when this resolves. */
    async function listen() {
      const abort = new AbortController();
      const events: EngineEvent[] = [];
      const reading = (async () => {
        for await (const event of subject.engine.events(abort.signal)) events.push(event);
      })();
      await until('the stream says that it is open', () => events.length > 0);
      const of = (id: string) => events.filter((event) => event.engineId === id);
      const close = () => {
        abort.abort();
        return act(reading);
      };
      return { events, of, close };
    }

    it('says what it is', async () => {
      const info = await act(subject.engine.info(signal));
      expect(info.version).toMatch(/^\d+\./);
      expect(info.memoryBytes).toBeGreaterThan(MiB);
      expect(info.cores).toBeGreaterThan(0);
    });

    it('makes a container with its limits, labels and ports, and does not start it', async () => {
      const port = ports++;
      const id = await create('sleep 1000', {
        labels: { b: '2', a: '1', 'shoal.test': 'conformance' },
        ports: [{ container: 80, host: port, protocol: 'tcp' }],
      });
      const expected: Partial<EngineContainer> = {
        engineId: id,
        image: subject.image,
        labels: { a: '1', b: '2', 'shoal.test': 'conformance' },
        state: 'created',
        health: 'none',
        memoryBytes: 32 * MiB,
        cpuMilli: 250,
        ports: [{ container: 80, host: port, protocol: 'tcp' }],
        startedAt: '',
        finishedAt: '',
      };
      const container = await inspect(id);
      expect(container).toMatchObject(expected);
      // The image's own labels come on top.
      const keys = Object.keys(container?.labels ?? {});
      expect(keys).toEqual([...keys].sort());
    });

    describe('a file of the host', () => {
      const target = '/etc/app/app.conf';
      let source: string;
      beforeEach(() => {
        source = join(subject.folder, `file-${Math.random().toString(36).slice(2)}`);
      });

      /** Runs a script with the file mounted; what it printed once it has ended. */
      async function output(script: string): Promise<string> {
        const id = await run(script, { files: [{ source, target }] });
        await until('the script ends', async () => (await state(id)) === 'exited');
        return act(subject.engine.logsTail(id, 20, signal));
      }

      it('is read in the container and written by nobody', async () => {
        writeFileSync(source, 'port = 80\n', { mode: 0o666 });
        const printed = await output(`echo hacked > ${target}; cat ${target}`);
        expect(printed).toContain('Read-only file system');
        expect(printed).toContain('port = 80');
        expect(readFileSync(source, 'utf8')).toBe('port = 80\n');
      });

      it('is mounted anew with each start', async () => {
        writeFileSync(source, 'old');
        const id = await run(`cat ${target}; echo .`, { files: [{ source, target }] });
        await until('the script ends', async () => (await state(id)) === 'exited');
        writeFileSync(`${source}.new`, 'new');
        renameSync(`${source}.new`, source);
        await act(subject.engine.start(id, signal));
        await until('it has run again', async () =>
          (await act(subject.engine.logsTail(id, 20, signal))).includes('new'),
        );
      });

      it('that is missing keeps the container from being made', async () => {
        await expect(create('sleep 1', { files: [{ source, target }] })).rejects.toMatchObject({
          code: 'create-failed',
        });
        expect(existsSync(source)).toBe(false);
      });
    });

    it('lists what inspect shows, the same each time', async () => {
      const id = await run('sleep 1000');
      const first = await subject.engine.list(signal);
      expect(first.find((container) => container.engineId === id)).toEqual(await inspect(id));
      expect(JSON.stringify(await subject.engine.list(signal))).toBe(JSON.stringify(first));
    });

    it('starts and stops, and doing it again is fine', async () => {
      const id = await run('sleep 1000');
      await act(subject.engine.start(id, signal));
      expect(await inspect(id)).toMatchObject({ state: 'running', finishedAt: '' });
      await act(subject.engine.stop(id, 1_000, signal));
      await act(subject.engine.stop(id, 1_000, signal));
      const stopped = await inspect(id);
      expect(stopped?.state).toBe('exited');
      expect(Date.parse(stopped?.finishedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(stopped?.startedAt ?? ''));
    });

    it('kills what does not stop in its grace time', async () => {
      const id = await run('trap "" TERM; sleep 1000');
      // The shell must have come to its trap.
      await subject.pass(500);
      await act(subject.engine.stop(id, 1_000, signal));
      expect(await inspect(id)).toMatchObject({ state: 'exited', exitCode: 137 });
    });

    it('keeps the exit code and the last output of one that ended, without control characters', async () => {
      const id = await run('echo first; echo last words; exit 3');
      await until('it has exited', async () => (await state(id)) === 'exited');
      expect(await inspect(id)).toMatchObject({ exitCode: 3, isOomKilled: false });
      expect(await subject.engine.logsTail(id, 1, signal)).toBe('last words');
      expect(await subject.engine.logsTail(id, 10, signal)).toBe('first\nlast words');
    });

    it('kills with a signal, and refuses to kill what does not run', async () => {
      const id = await run('sleep 1000');
      await act(subject.engine.kill(id, 'SIGKILL', signal));
      await until('it has exited', async () => (await state(id)) === 'exited');
      expect((await inspect(id))?.exitCode).toBe(137);
      await expect(act(subject.engine.kill(id, 'SIGKILL', signal))).rejects.toMatchObject({ code: 'conflict' });
    });

    it('removes a running container; absent is fine, and not found afterwards', async () => {
      const id = await run('sleep 1000');
      await act(subject.engine.remove(id, signal));
      await act(subject.engine.remove(id, signal));
      expect(await inspect(id)).toBeUndefined();
      await expect(act(subject.engine.start(id, signal))).rejects.toMatchObject({ code: 'not-found' });
      await expect(act(subject.engine.stop(id, 0, signal))).rejects.toMatchObject({ code: 'not-found' });
      await expect(act(subject.engine.logsTail(id, 1, signal))).rejects.toMatchObject({ code: 'not-found' });
    });

    it('refuses a name in use, an image it has not, and a port in use, each with its code', async () => {
      const port = ports++;
      const first = await run('sleep 1000', { ports: [{ container: 80, host: port, protocol: 'tcp' }] });
      const name = (await inspect(first))?.name ?? '';
      await expect(create('sleep 1000', { name })).rejects.toMatchObject({ code: 'conflict' });
      await expect(create('sleep 1000', { image: 'no-such-image:9' })).rejects.toMatchObject({
        code: 'image-not-found',
      });
      const second = await create('sleep 1000', { ports: [{ container: 80, host: port, protocol: 'tcp' }] });
      await expect(act(subject.engine.start(second, signal))).rejects.toMatchObject({ code: 'create-failed' });
    });

    it('knows its images, and says why one can not be pulled', async () => {
      expect(await subject.engine.findImage(subject.image, signal)).toEqual({ hasHealthcheck: false });
      expect(await subject.engine.findImage('no-such-image:9', signal)).toBeUndefined();
      expect(await subject.engine.images(signal)).toContain(subject.image);
      const pull = act(subject.engine.pull('no-such-image:9', () => {}, signal));
      await expect(pull).rejects.toMatchObject({ code: 'image-not-found', message: expect.stringMatching(/.+/) });
    });

    it.each(['x//y', 'x/../y', 'x/.', 'x?y', 'x%2fy', `${'a/'.repeat(200)}b`])('has no image %s', async (reference) => {
      expect(await subject.engine.findImage(reference, signal)).toBeUndefined();
      const pull = act(subject.engine.pull(reference, () => {}, signal));
      await expect(pull).rejects.toMatchObject({ code: 'image-not-found' });
    });

    it("tells of a container's life as it happens, with labels and exit code", async () => {
      const { events, of, close } = await listen();
      expect(events[0]).toMatchObject({ action: 'subscribed', engineId: '' });
      const id = await run('sleep 1; exit 5');
      await until('it has died', () => of(id).some((event) => event.action === 'die'));
      await act(subject.engine.remove(id, signal));
      await until('it is destroyed', () => of(id).some((event) => event.action === 'destroy'));
      expect(of(id).map((event) => event.action)).toEqual(['create', 'start', 'die', 'destroy']);
      expect(of(id).map((event) => event.labels['shoal.test'])).toEqual(Array(4).fill('conformance'));
      expect(of(id)[2]?.exitCode).toBe(5);
      await close();
    });

    it('tells of health, good and bad', async () => {
      const { of, close } = await listen();
      const check = { intervalMs: 200, timeoutMs: 1_000, retries: 2, startPeriodMs: 0 };
      const good = await run('sleep 1000', { health: { ...check, command: ['true'] } });
      const bad = await run('sleep 1000', { health: { ...check, command: ['false'] } });
      await until('both are known', () => [good, bad].every((id) => of(id).some((e) => e.action === 'health_status')));
      const health = (id: string) => of(id).find((event) => event.action === 'health_status')?.health;
      expect([health(good), health(bad)]).toEqual(['healthy', 'unhealthy']);
      expect([(await inspect(good))?.health, (await inspect(bad))?.health]).toEqual(['healthy', 'unhealthy']);
      await close();
    });

    it('ends a call as cancelled when its caller gives up, and a stream without an error', async () => {
      const gone = AbortSignal.abort();
      await expect(act(subject.engine.list(gone))).rejects.toMatchObject({ code: 'cancelled' });
      await expect(act(subject.engine.create({} as CreateContainer, gone))).rejects.toMatchObject({
        code: 'cancelled',
      });
      const { close } = await listen();
      await close();
    });

    /** All that was written so far, as `stream text`. */
    async function written(id: string, range: Partial<LogRange> = {}): Promise<string[]> {
      const found: string[] = [];
      const read = async () => {
        for await (const messages of subject.engine.logs(id, { follow: false, ...range }, signal)) {
          for (const { stream, bytes } of messages) found.push(`${stream} ${Buffer.from(bytes)}`);
        }
      };
      await act(read());
      return found;
    }

    it('gives the log with its two outputs, its end, and what comes', async () => {
      const id = await run('echo one; echo two >&2; sleep 1; echo three; sleep 1');
      await until('two lines are there', async () => (await written(id)).length >= 2);
      expect((await written(id, { stream: 'stderr' }))[0]).toBe('stderr two');
      const all = (await written(id, { follow: true })).sort();
      expect(all).toEqual(['stderr two', 'stdout one', 'stdout three']);
      expect(await written(id, { tail: 1 })).toEqual(['stdout three']);
      await expect(written('0'.repeat(64))).rejects.toMatchObject({ code: 'not-found' });
    });

    it('runs a process in a container: input, output, exit code', async () => {
      const id = await run('sleep 1000');
      const exec = await act(subject.engine.exec(id, { command: ['cat'], tty: false, cols: 80, rows: 24 }, signal));
      await act(exec.write(Buffer.from('typed')));
      exec.endInput();
      let out = '';
      const read = async () => {
        for await (const { bytes } of exec.output) out += Buffer.from(bytes);
      };
      await act(read());
      expect([out, await act(exec.exitCode())]).toEqual(['typed', 0]);
    });

    it('ends a process that nobody wants any more', async () => {
      const id = await run('sleep 1000');
      const exec = await act(subject.engine.exec(id, { command: ['sh'], tty: true, cols: 80, rows: 24 }, signal));
      await act(exec.kill());
      expect(await act(exec.exitCode())).toBe(129);
    });

    it('ends by its id a process that an earlier agent started; one that it never had is fine', async () => {
      const id = await run('sleep 1000');
      const told: string[] = [];
      const request = { command: ['sh'], tty: true, cols: 80, rows: 24 };
      const onCreated = async (execId: string) => void told.push(execId);
      const exec = await act(subject.engine.exec(id, { ...request, onCreated }, signal));
      expect(told).toEqual([exec.id]);
      await act(subject.engine.endExec(exec.id, signal));
      expect(await act(exec.exitCode())).toBe(129);
      await act(subject.engine.endExec(exec.id, signal));
      await act(subject.engine.endExec('0'.repeat(64), signal));
    });

    it('runs nothing in a container that has stopped', async () => {
      const id = await run('exit 0');
      await until('it has ended', async () => (await state(id)) === 'exited');
      const asked = subject.engine.exec(id, { command: ['sh'], tty: true, cols: 80, rows: 24 }, signal);
      await expect(act(asked)).rejects.toMatchObject({ code: 'conflict' });
    });
  });
}
