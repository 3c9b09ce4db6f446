import type { ForwardScope, LogForward } from '../../../protocol/schemas/log-forward.ts';
import { isName } from '../../format/name.ts';
import type { Shown } from '../../format/state.ts';

/** Where logs go, as somebody types it. */
export interface ForwardDraft {
  readonly name: string;
  readonly url: string;
  /** Empty: all; `shop`, `shop/web`. */
  readonly scope: string;
  readonly headerName: string;
  /** It never comes out: empty keeps the one that there is. */
  readonly headerValue: string;
  readonly caPem: string;
  readonly isVerified: boolean;
}

/** As `ForwardUrl` and `HeaderName` of the protocol's schemas say. */
const URL_SHAPE = /^(syslog\+(tcp|tls):\/\/[^/?#@\s]+|https?:\/\/[^#@\s]+)$/;
const HEADER = /^[A-Za-z0-9!#$%&*+.^_|~-]{1,64}$/;
const PEM = /^\s*-----BEGIN CERTIFICATE-----/;

export const hasHeaders = (url: string): boolean => /^https?:/.test(url.trim());
export const isEncrypted = (url: string): boolean => /^(https|syslog\+tls):/.test(url.trim());

/** `shop/web`, `shop`, or empty for all. */
export const scopeText = ({ group = '', app }: ForwardScope): string => (app === undefined ? group : `${group}/${app}`);

export function draftOf(forward: LogForward | undefined): ForwardDraft {
  return {
    name: forward?.name ?? '',
    url: forward?.url ?? '',
    scope: forward === undefined ? '' : scopeText(forward.scope),
    headerName: forward?.headerName ?? '',
    headerValue: '',
    caPem: forward?.caPem ?? '',
    isVerified: forward?.verify ?? true,
  };
}

/** Fields that can't be sent as they are. What does not matter for the address is not looked at. */
export function faultsOf(draft: ForwardDraft, before: LogForward | undefined): ReadonlySet<keyof ForwardDraft> {
  const { name, url, headerName, headerValue, caPem } = draft;
  const faults = new Set<keyof ForwardDraft>();
  if (!isName(name)) faults.add('name');
  if (!URL_SHAPE.test(url.trim()) || URL.parse(url.trim())?.hostname === '') faults.add('url');
  if (hasHeaders(url)) {
    if (headerName !== '' && !HEADER.test(headerName)) faults.add('headerName');
    if (headerName === '' && headerValue !== '') faults.add('headerName');
    if (headerName !== '' && headerValue === '' && before?.hasSecret !== true) faults.add('headerValue');
  }
  if (isEncrypted(url) && caPem.trim() !== '' && !PEM.test(caPem)) faults.add('caPem');
  return faults;
}

/** The change that makes it so. Syslog has no headers, so one goes with the change to it. */
export function changeOf(draft: ForwardDraft, before: LogForward | undefined): object {
  const { url, scope, headerName, headerValue, caPem, isVerified } = draft;
  const [group = '', app] = scope.split('/');
  const wanted = hasHeaders(url) ? headerName : '';
  const header =
    wanted !== ''
      ? { headerName: wanted, ...(headerValue === '' ? {} : { headerValue }) }
      : before?.headerName === undefined
        ? {}
        : { headerName: null, headerValue: null };
  const ca = caPem.trim() !== '' ? { caPem } : before?.caPem === undefined ? {} : { caPem: null };
  return {
    url: url.trim(),
    scope: group === '' ? {} : { group, ...(app === undefined ? {} : { app }) },
    ...header,
    ...(isEncrypted(url) ? { ...ca, verify: isVerified } : {}),
  };
}

const states = {
  dropped: { tone: 'bad', word: 'forward.dropped' },
  behind: { tone: 'warn', word: 'forward.behind' },
  connected: { tone: 'ok', word: 'forward.connected' },
  idle: { tone: 'idle', word: 'forward.idle' },
} as const satisfies Record<LogForward['hosts'][number]['state'], Shown>;

export const hostForwardState = ({ state }: LogForward['hosts'][number]): Shown => states[state];

/** That of the host which is worst off. */
export function forwardState({ hosts, missing }: Pick<LogForward, 'hosts' | 'missing'>): Shown {
  const has = (wanted: keyof typeof states): boolean => hosts.some(({ state }) => state === wanted);
  if (has('dropped')) return states.dropped;
  if (has('behind')) return states.behind;
  if (missing.length > 0) return { tone: 'warn', word: 'forward.unknown' };
  return has('connected') ? states.connected : states.idle;
}
