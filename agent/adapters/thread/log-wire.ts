import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { Log } from '../../ports/log.ts';

/** A thread in trouble must not drown the other one. */
const MESSAGES_PER_S = 100;

const levels = ['debug', 'info', 'warn', 'error'] as const;
type Level = (typeof levels)[number];

interface Line {
  readonly level: Level;
  readonly fields: object;
  readonly message: string;
}

/**
 * A log whose lines appear in the other thread's, see `receiveLog`. More than 100 in a second are dropped and counted.
 *
 * @param least level from which on lines are sent, as the agent's log level; one that is not known here sends none
 */
export function sendLog(port: MessagePort, least: string): Log {
  const first = least === 'trace' ? 0 : levels.indexOf(least as Level);
  const sent = new Set<Level>(first < 0 ? [] : levels.slice(first));
  let windowMs = 0;
  let lines = 0;
  let dropped = 0;

  const send = (line: Line): void => {
    if (!sent.has(line.level)) return;
    const nowMs = performance.now();
    if (nowMs - windowMs >= 1_000) {
      windowMs = nowMs;
      lines = 0;
    }
    lines += 1;
    if (lines > MESSAGES_PER_S) {
      dropped += 1;
      return;
    }
    port.postMessage(line);
    if (dropped === 0) return;
    const lost: Line = { level: 'warn', fields: { dropped }, message: 'log lines of the image thread were dropped' };
    port.postMessage(lost);
    dropped = 0;
  };

  const logWith = (more: object): Log => {
    const at = (level: Level) => (fields: object, message: string) =>
      send({ level, fields: plain({ ...more, ...fields }), message });
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (fields) => logWith({ ...more, ...fields }),
    };
  };
  return logWith({});
}

/**
 * Writes the lines that come from the other thread.
 *
 * @returns writes what has arrived by now, for who is about to close the port
 */
export function receiveLog(port: MessagePort, log: Log): () => void {
  const write = ({ level, fields, message }: Line): void => log[level](fields, message);
  port.on('message', write);
  return () => {
    for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port))
      write(next.message);
  };
}

/** Errors lose their code when they are cloned. */
const plain = (fields: object): object =>
  Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, value instanceof Error ? describe(value) : value]),
  );

const describe = (error: Error): object => ({
  type: error.name,
  message: error.message,
  stack: error.stack,
  ...('code' in error ? { code: String(error.code) } : {}),
  ...(error.cause instanceof Error ? { cause: error.cause.message } : {}),
});
