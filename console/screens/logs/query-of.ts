/** What of a log is asked for, as the address of the screen has it: texts, absent unless chosen. */
export interface LogChoice {
  readonly q: string;
  readonly since: string;
  readonly from: string;
  readonly to: string;
  readonly tail: string;
  readonly stream: string;
  readonly replica: string;
  /** `true`: of containers that were removed within the last hour, what they wrote last. */
  readonly previous: string;
}

const names = [
  'q',
  'since',
  'from',
  'to',
  'tail',
  'stream',
  'replica',
  'previous',
] as const satisfies readonly (keyof LogChoice)[];

/** `custom`: between two moments that are chosen. */
export const sinceChoices = ['', '5m', '15m', '1h', '6h', '24h', 'custom'] as const;
export const tailChoices = ['100', '1000', '5000'] as const;
const TAIL_DEFAULT = '1000';

export const choiceOf = (query: URLSearchParams): LogChoice =>
  Object.fromEntries(names.map((name) => [name, query.get(name) ?? (name === 'tail' ? TAIL_DEFAULT : '')])) as Record<
    keyof LogChoice,
    string
  >;

/** The query of the API. A file gets all lines, the screen the newest of each container. */
export function logQueryOf(
  { q, since, from, to, tail, stream, replica, previous }: LogChoice,
  isFile = false,
): URLSearchParams {
  const query = new URLSearchParams();
  const set = (name: string, value: string | undefined): void => {
    if (value !== undefined && value !== '') query.set(name, value);
  };
  set('grep', q);
  set('since', since === 'custom' ? momentOf(from) : since);
  if (since === 'custom') set('until', momentOf(to));
  if (!isFile) set('tail', tail);
  set('stream', stream);
  set('replica', replica);
  set('previous', previous);
  return query;
}

/** A `datetime-local`, in the time of the reader, as RFC 3339 UTC. */
function momentOf(local: string): string | undefined {
  const at = new Date(local);
  return local === '' || Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}
