import { type Logger, pino } from 'pino';
import type { Log } from '../../ports/log.ts';

/** Fields that may hold secrets, wherever they stand. */
const redact = [
  'token',
  'secret',
  'env',
  'password',
  'authorization',
  '*.token',
  '*.secret',
  '*.env',
  '*.password',
  '*.authorization',
];

/** JSON lines on standard output; one per event, nothing in steady state at info. */
export function createPinoLog(level: string): Log {
  return wrap(pino({ level, base: null, redact, errorKey: 'error', timestamp: pino.stdTimeFunctions.isoTime }));
}

const wrap = (logger: Logger): Log => ({
  debug: (fields, message) => logger.debug(fields, message),
  info: (fields, message) => logger.info(fields, message),
  warn: (fields, message) => logger.warn(fields, message),
  error: (fields, message) => logger.error(fields, message),
  child: (fields) => wrap(logger.child(fields)),
});
