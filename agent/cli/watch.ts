import { exitCodes } from '../../protocol/errors.ts';
import { type AppOperation, isAppOperation, type Operation } from '../../protocol/schemas/operation.ts';
import { type Api, route } from './client/api.ts';
import { reconnecting } from './client/reconnect.ts';
import { CliFailure, exitCodeOf, nextStep, problemSentence } from './failure.ts';
import type { Session } from './session.ts';
import { hostNames, refusalLines } from './view/decision.ts';
import { printableLine } from './view/format.ts';
import { LiveArea } from './view/live-area.ts';
import { operationFrame, operationTitle } from './view/operation-frame.ts';
import { OperationLines } from './view/operation-lines.ts';

/** The clock in the live view moves this often. Milliseconds. */
const TICK_MS = 1_000;

/**
 * Follows an operation until it ends, showing each change. Ctrl-C and --timeout leave the operation running.
 *
 * @throws CliFailure with the exit code of the operation's problem, 7 after --timeout, 130 after Ctrl-C
 */
export async function watchOperation(session: Session, id: string): Promise<Operation> {
  const api = await session.api();
  const display = chooseDisplay(session);
  const again = `shoal op watch ${id}`;
  let stopped: 'interrupt' | 'timeout' | undefined;
  const stop = (why: 'interrupt' | 'timeout') => {
    stopped = why;
    session.end();
  };
  const release = session.outside.onInterrupt(() => stop('interrupt'));
  const { timeout } = session.options;
  const timer = timeout === undefined ? undefined : setTimeout(() => stop('timeout'), timeout);
  try {
    const last = await follow(api, id, display.show, session.signal);
    display.end();
    return concluded(session, last);
  } catch (error) {
    display.end();
    if (stopped === 'interrupt') {
      throw new CliFailure(exitCodes.interrupted, `no longer watching; operation ${id} continues`, { next: again });
    }
    if (stopped === 'timeout') {
      throw new CliFailure(exitCodes.timedOut, `operation ${id} has not ended in time; it continues`, { next: again });
    }
    throw error;
  } finally {
    clearTimeout(timer);
    release();
  }
}

/** Reads the operation's events, from another member when one goes away, until it has ended. */
async function follow(
  api: Api,
  id: string,
  show: (operation: Operation) => void,
  signal: AbortSignal,
): Promise<Operation> {
  for await (const message of reconnecting(() => api.stream(route`/v1/operations/${id}/events`), signal)) {
    if (message.event === 'end') break;
    if (message.event !== 'operation') continue;
    const operation = JSON.parse(message.data) as Operation;
    show(operation);
    if (operation.state !== 'running') return operation;
  }
  throw new CliFailure(exitCodes.unreachable, `nobody tells how operation ${id} goes on; it may continue`, {
    next: `shoal op watch ${id}`,
  });
}

interface Display {
  readonly show: (operation: Operation) => void;
  readonly end: () => void;
}

function chooseDisplay(session: Session): Display {
  const { outside, options } = session;
  if (options.json === true) return { show: (operation) => session.jsonLine(operation), end: () => {} };
  if (options.quiet === true) return { show: () => {}, end: () => {} };
  if (outside.out.isTty && outside.env.TERM !== 'dumb') return liveDisplay(session);
  const lines = new OperationLines();
  return { show: (operation) => session.lines(lines.next(operation)), end: () => {} };
}

function liveDisplay(session: Session): Display {
  const area = new LiveArea(session.outside.out);
  const { env } = session.outside;
  const isUnicode = /utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || '');
  let shown: Operation | undefined;
  const redraw = () => {
    if (shown === undefined) return;
    area.draw(operationFrame(shown, { nowMs: Date.now(), height: area.height, paint: session.paint, isUnicode }));
  };
  const clock = setInterval(redraw, TICK_MS);
  return {
    show: (operation) => {
      shown = operation;
      redraw();
    },
    end: () => {
      clearInterval(clock);
      redraw();
      area.release();
    },
  };
}

/** Says how it ended; a failure is thrown with what explains it. */
function concluded(session: Session, operation: Operation): Operation {
  if (operation.state === 'succeeded') {
    session.say(session.paint('good', `${operationTitle(operation)}: done`));
    return operation;
  }
  throw operationFailure(session, operation);
}

/** The failure of an ended operation: its problem, what failed where, the last round's refusals, the next step. */
export function operationFailure(session: Session, operation: Operation): CliFailure {
  const problem = operation.problem ?? {
    code: operation.state === 'cancelled' ? 'cancelled' : 'internal',
    title: operation.state === 'cancelled' ? 'Cancelled' : 'The operation failed',
    detail: '',
  };
  const what = `${operationTitle(operation)} ${operation.state}: ${problemSentence(problem)}`;
  if (!isAppOperation(operation)) {
    // The problem names the hosts.
    return new CliFailure(exitCodeOf(problem.code), what, { lines: [], next: `shoal op show ${operation.id}` });
  }
  const names = hostNames(operation);
  const failures = operation.failures.map(
    (failure) =>
      `replica ${failure.replica} on ${names.get(failure.hostId) ?? failure.hostId}: ${failure.code}: ${printableLine(failure.detail)}`,
  );
  const refusals = operation.decisions.at(-1)?.refusals ?? [];
  const explained = problem.code === 'unplaceable' && refusals.length > 0 ? refusalLines(refusals, session.paint) : [];
  const lines = [...failures, ...explained];
  return new CliFailure(exitCodeOf(problem.code), what, { lines, next: adviceFor(problem.code, operation) });
}

function adviceFor(code: string, operation: AppOperation): string {
  const name = `${operation.group}/${operation.app}`;
  // A version that the operation made is gone with it.
  const version = operation.created?.version === true ? undefined : operation.version;
  switch (code) {
    case 'unplaceable':
      return `shoal why ${operation.id}   (then fewer replicas, less --memory, or another host)`;
    case 'image-not-found':
    case 'container-exited':
    case 'container-unhealthy':
    case 'create-failed':
      if (version === undefined) return `mend it and deploy again; told again by: shoal op show ${operation.id}`;
      return code === 'image-not-found'
        ? `mend the image name: shoal deploy ${name} --from ${version} --image IMAGE`
        : `shoal version show ${name} ${version}`;
    case 'cancelled':
    case 'superseded':
      return `shoal app show ${name}`;
    default:
      return nextStep(code) || `shoal why ${operation.id}`;
  }
}
