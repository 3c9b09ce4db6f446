import { duplexPair } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Replay } from '../../../agent/core/shell/replay.ts';
import { MemoryExec } from '../../../agent/ports/engine-exec-memory.ts';
import { FrameCutter, framed } from '../../../agent/services/shell/frame-stream.ts';
import { ShellSession, type ShellSessionParts } from '../../../agent/services/shell/shell-session.ts';
import { ShoalError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import { decodeShellFrame, encodeShellFrame, type ShellFrame } from '../../../protocol/shell-frames.ts';
import { TypedInput } from '../../../protocol/typed-input.ts';
import { waitFor } from '../../framework/wait.ts';

const request = { tty: true, cols: 80, rows: 24 };

/** A session of the engine's twin, and somebody who looks at it and acknowledges when told to. */
function shell(command: string, parts: Omit<Partial<ShellSessionParts>, 'exec'> = {}) {
  const exec = new MemoryExec({ ...request, command: [command] });
  const session = new ShellSession({ exec, nowMs: () => 0, ...parts });
  void session.run();
  const look = (offset = 0, client?: string) => {
    const [near, far] = duplexPair();
    const cutter = new FrameCutter();
    const frames: ShellFrame[] = [];
    near
      .on('error', () => {})
      .on('data', (chunk: Buffer) => {
        for (const frame of cutter.push(chunk)) {
          const decoded = decodeShellFrame(frame);
          if (decoded !== undefined) frames.push(decoded);
        }
      });
    session.attach(far, offset, client);
    return {
      frames,
      send: (frame: ShellFrame) => near.write(framed(encodeShellFrame(frame))),
      leave: () => near.destroy(),
      text: () => frames.map((f) => (f.type === 'output' ? Buffer.from(f.bytes).toString() : '')).join(''),
      bytes: () => frames.reduce((sum, f) => sum + (f.type === 'output' ? f.bytes.length : 0), 0),
    };
  };
  return { exec, session, look };
}

describe('the replay buffer', () => {
  it('keeps the newest bytes by their offset', () => {
    const replay = new Replay(10_000);
    for (let at = 0; at < 30; at++) replay.add({ stream: 'stdout', bytes: new Uint8Array(1_000).fill(at) });
    expect(replay.end).toBe(30_000);
    expect(replay.end - replay.start).toBeLessThanOrEqual(10_000 + 4_096);
    expect(replay.at(29_500, 100)?.bytes).toEqual(new Uint8Array(100).fill(29));
    expect(replay.at(30_000, 100)).toBeUndefined();
    expect(replay.at(0, 100)).toBeUndefined();
  });

  it('keeps the two outputs apart', () => {
    const replay = new Replay(100);
    replay.add({ stream: 'stdout', bytes: Buffer.from('out') });
    replay.add({ stream: 'stderr', bytes: Buffer.from('err') });
    expect(replay.at(1, 10)).toMatchObject({ stream: 'stdout', bytes: Buffer.from('ut') });
    expect(replay.at(3, 10)?.stream).toBe('stderr');
  });
});

describe('frames of a shell', () => {
  it.each<ShellFrame>([
    { type: 'output', bytes: new Uint8Array([1, 2]) },
    { type: 'errorOutput', bytes: new Uint8Array(0) },
    { type: 'resize', cols: 80, rows: 24 },
    { type: 'ack', offset: 2 ** 40 },
    { type: 'exit', code: -1 },
    { type: 'inputEnd' },
    { type: 'problem', text: '{}' },
  ])('come through: %o', (frame) => {
    expect(decodeShellFrame(encodeShellFrame(frame))).toEqual(frame);
  });

  it.each([[[]], [[99]], [[2, 0, 0, 0, 1]], [[3, 1]], [[3, 255, 255, 255, 255, 255, 255, 255, 255]]])(
    'that are none are refused: %o',
    (bytes) => {
      expect(decodeShellFrame(Uint8Array.from(bytes))).toBeUndefined();
    },
  );
});

describe('a shell session', () => {
  it('gives back input, resizes, and tells the exit code', async () => {
    const { exec, look } = shell('sh');
    const viewer = look();
    viewer.send({ type: 'input', bytes: Buffer.from('hello') });
    viewer.send({ type: 'resize', cols: 132, rows: 43 });
    await waitFor('the echo', () => viewer.text() === 'hello');
    expect(exec.size).toEqual([132, 43]);
    viewer.send({ type: 'input', bytes: Buffer.from('exit 3') });
    await waitFor('the end', () => viewer.frames.some(({ type }) => type === 'exit'));
    expect(viewer.frames.at(-1)).toEqual({ type: 'exit', code: 3 });
  });

  it('shows who comes back what it missed, from the byte it names', async () => {
    const { look } = shell('sh');
    const first = look();
    first.send({ type: 'input', bytes: Buffer.from('abcdef') });
    await waitFor('the echo', () => first.text() === 'abcdef');
    first.leave();
    const second = look(4);
    await waitFor('the rest', () => second.text() === 'ef');
    expect(second.frames[0]).toEqual({ type: 'attached', offset: 4 });
  });

  it('reads a flood only as far ahead of the foremost viewer as a window, and goes on with acknowledgements', async () => {
    const { look, session } = shell('yes');
    const viewer = look();
    await waitFor('a full window', () => viewer.bytes() >= limits.shellWindowBytes);
    expect(viewer.bytes()).toBe(limits.shellWindowBytes);
    viewer.send({ type: 'ack', offset: 100_000 });
    await waitFor('more', () => viewer.bytes() === limits.shellWindowBytes + 100_000);
    await session.close();
  });

  it('takes no notice of frames that only it may send, and takes input of any length', async () => {
    const { look, session } = shell('sh');
    const viewer = look();
    viewer.send({ type: 'exit', code: 1 });
    viewer.send({ type: 'input', bytes: new Uint8Array(100_000) });
    await waitFor('the echo', () => viewer.bytes() === 100_000);
    await session.close();
  });

  it('tells a client that comes back how much of its input arrived, and listens to its new connection only', async () => {
    const { look, session } = shell('sh');
    const first = look(0, 'somebody');
    await waitFor('that it is ready', () => first.frames.some(({ type }) => type === 'inputAck'));
    expect(first.frames).toContainEqual({ type: 'inputAck', offset: 0 });
    first.send({ type: 'input', bytes: Buffer.from('abc') });
    await waitFor('the echo', () => first.text() === 'abc');
    const second = look(3, 'somebody');
    await waitFor('what arrived', () => second.frames.some(({ type }) => type === 'inputAck'));
    expect(second.frames.slice(0, 2)).toEqual([
      { type: 'attached', offset: 3 },
      { type: 'inputAck', offset: 3 },
    ]);
    first.send({ type: 'input', bytes: Buffer.from('late') });
    second.send({ type: 'input', bytes: Buffer.from('def') });
    await waitFor('the rest', () => second.text() === 'def');
    expect(session.viewers).toBe(1);
    await session.close();
  });

  it('tells the exit code to who hangs up, also when the output was cut off by that', async () => {
    class CutOff extends MemoryExec {
      override get output(): MemoryExec['output'] {
        const all = super.output;
        return (async function* () {
          yield* all;
          throw new ShoalError('engine-unavailable', 'The stream was closed before its end.');
        })();
      }
    }
    const session = new ShellSession({ exec: new CutOff({ ...request, command: ['sh'] }), nowMs: () => 0 });
    const over = session.run();
    await session.close();
    expect(await over).toBe(129);
    expect(session.exitCode).toBe(129);
  });

  it('tells everybody what ended it, if it was not itself', async () => {
    const { exec, look } = shell('sh', {
      whyEnded: async () => new ShoalError('container-exited', 'web was removed.'),
    });
    const viewer = look();
    await exec.kill();
    await waitFor('the end', () => viewer.frames.some(({ type }) => type === 'problem'));
    const end = viewer.frames.at(-1);
    expect(end?.type === 'problem' && JSON.parse(end.text)).toMatchObject({
      code: 'container-exited',
      detail: 'web was removed.',
    });
  });
});

describe('input that may not have arrived', () => {
  it('is what is left after what has, also in the middle of a piece', () => {
    const typed = new TypedInput();
    typed.add(Buffer.from('abc'));
    typed.add(Buffer.from('def'));
    typed.arrived(4);
    expect(Buffer.concat(typed.rest).toString()).toBe('ef');
    expect(typed.heldBytes).toBe(2);
    typed.arrived(4);
    typed.arrived(100);
    expect(typed.heldBytes).toBe(0);
  });
});
