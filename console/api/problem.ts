import type { Problem } from '../../protocol/schemas/common.ts';

/** A request that failed: the API's problem document, or one made here when no answer came. */
export class ApiProblem extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.name = 'ApiProblem';
    this.problem = problem;
  }
}

const made = (code: string, status: number, title: string, detail: string, retryable: boolean): Problem => ({
  type: `urn:shoal:error:${code}`,
  title,
  status,
  detail,
  code,
  retryable,
});

/** No answer at all: the member is gone, or the network is. */
export const unreachable = (detail: string): ApiProblem =>
  new ApiProblem(made('host-unreachable', 0, 'This member does not answer', detail, true));

/** An answer that is no problem document, from a proxy say. */
export const notOurs = (status: number): ApiProblem =>
  new ApiProblem(made('internal', status, 'An answer that is not of Shoal', `HTTP status ${status}`, status >= 500));

/** Whatever was thrown, as a problem. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ApiProblem) return error.problem;
  return made('internal', 0, 'The console failed', error instanceof Error ? error.message : String(error), false);
}

export function isProblem(value: unknown): value is Problem {
  return (
    typeof value === 'object' &&
    value !== null &&
    'code' in value &&
    typeof value.code === 'string' &&
    'detail' in value &&
    typeof value.detail === 'string' &&
    'title' in value &&
    typeof value.title === 'string'
  );
}
