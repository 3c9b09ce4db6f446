import { type ErrorCode, errors, exitCodes, isErrorCode } from '../../protocol/errors.ts';
import type { Problem } from '../../protocol/schemas/common.ts';

/** Ends a command with an exit code: what is wrong, the lines that explain it, and the command to try next. */
export class CliFailure extends Error {
  readonly exitCode: number;
  /** Further lines, printed below the message. */
  readonly lines: readonly string[];
  /** A command or a sentence; empty when there is nothing sensible to try. */
  readonly next: string;

  constructor(
    exitCode: number,
    message: string,
    options: { readonly lines?: readonly string[]; readonly next?: string; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CliFailure';
    this.exitCode = exitCode;
    this.lines = options.lines ?? [];
    this.next = options.next ?? '';
  }
}

/** The person typed something that cannot be meant. */
export const usage = (message: string, next = '') => new CliFailure(exitCodes.usage, message, { next });

/** An answer of the API that says no. `problem.code` is checked by callers, never the text. */
export class ApiFailure extends CliFailure {
  readonly problem: Problem;

  constructor(problem: Problem, next = nextStep(problem.code)) {
    const fields = (problem.errors ?? []).map((fault) => `${fault.pointer || '/'}: ${fault.detail}`);
    super(exitCodeOf(problem.code, problem.status), problemSentence(problem), { lines: fields, next });
    this.name = 'ApiFailure';
    this.problem = problem;
  }
}

export const hasCode = (error: unknown, code: ErrorCode): boolean =>
  error instanceof ApiFailure && error.problem.code === code;

/** `title: detail`, without saying the same twice. */
export function problemSentence(problem: Pick<Problem, 'title' | 'detail'>): string {
  return problem.detail === '' || problem.detail === problem.title
    ? problem.title
    : `${problem.title}: ${problem.detail}`;
}

/** An agent of a later version may know codes that this table does not; its HTTP status decides then. */
export function exitCodeOf(code: string, status = 0): number {
  if (isErrorCode(code)) return errors[code].exit;
  if (status === 401 || status === 403) return exitCodes.denied;
  if (status === 404) return exitCodes.notFound;
  if (status === 409 || status === 412) return exitCodes.conflict;
  return exitCodes.failed;
}

const NEXT: Partial<Record<ErrorCode, string>> = {
  unauthenticated: 'give a valid token: --token-file FILE, SHOAL_TOKEN_FILE, or shoal context add',
  forbidden: 'use a token with more rights: --token-file FILE',
  'in-progress': 'shoal op ls   (wait for the running operation, or cancel it)',
  'precondition-failed': 'look at it again and repeat the command',
  'rate-limited': 'wait a moment and repeat the command',
  'host-unreachable': 'shoal host ls',
  'engine-unavailable': 'look at the Docker engine of that host: systemctl status docker',
  'not-ready': 'ask another member with --api URL, or repeat in a few seconds',
  'not-replicated': 'shoal host ls   (a second member must be reachable), then repeat the command',
  'not-stored': 'make room on that disk, or ask another member with --api URL',
  'quota-exceeded':
    'shoal namespace ls   (then remove images, or raise it: shoal namespace set NAMESPACE --quota SIZE)',
  'upstream-denied': 'shoal upstream set HOST --username USER --password-file FILE',
  'upstream-unavailable': 'shoal upstream ls   (or repeat the command in a while)',
  internal: 'repeat the command; the log of the agent has the reason',
};

export const nextStep = (code: string): string => (isErrorCode(code) ? (NEXT[code] ?? '') : '');
