import { noteServerTime } from '../store/clock.ts';
import { forgetToken, token } from '../store/session.ts';
import { ApiProblem, isProblem, notOurs, unreachable } from './problem.ts';

/** Whoever waits longer wants to know. Commands give up after 30 s themselves. Milliseconds. */
const PATIENCE_MS = 40_000;

export interface RequestOptions {
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** On top of the usual ones. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request to the member that serves this page. @throws ApiProblem */
export async function request<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
  const response = await open(method, path, options);
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

export const get = <T>(path: string, signal?: AbortSignal): Promise<T> => request<T>('GET', path, { signal });

/** The answer's head; its body is still to be read. @throws ApiProblem */
export async function open(
  method: string,
  path: string,
  { body, signal, headers = {} }: RequestOptions = {},
  patienceMs = PATIENCE_MS,
): Promise<Response> {
  const patience = AbortSignal.timeout(patienceMs);
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: { ...headersOf(method, body), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: signal === undefined ? patience : AbortSignal.any([signal, patience]),
      cache: 'no-store',
      credentials: 'omit',
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw unreachable(patience.aborted ? 'No answer in time.' : 'No connection.');
  }
  noteServerTime(response.headers.get('date'));
  if (response.ok) return response;
  throw await problemIn(response);
}

function headersOf(method: string, body: unknown): Record<string, string> {
  return {
    authorization: `Bearer ${token.peek() ?? ''}`,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    // A request that is sent again, by hand or by a proxy, is carried out once.
    ...(method === 'POST' ? { 'idempotency-key': newKey() } : {}),
  };
}

/** `crypto.randomUUID` is there on secure origins only, and a member may be reached by plain HTTP. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function problemIn(response: Response): Promise<ApiProblem> {
  const body: unknown = await response.json().catch(() => undefined);
  if (!isProblem(body)) return notOurs(response.status);
  if (response.status === 401) forgetToken();
  return new ApiProblem(body);
}
