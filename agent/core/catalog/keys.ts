import type { Digest } from '../../../protocol/digest.ts';
import type { ContainerId, HostId, OperationId } from '../../../protocol/ids.ts';
import { hashHex } from '../hash.ts';
import type { Hlc } from './record.ts';

/**
 * Longest key: a manifest's, of the longest repository name and a SHA-512. Characters, all ASCII. A history key is a key and a
 * stamp, so it may be longer.
 */
const KEY_LENGTH_MAX = 336;
const HISTORY_KEY_LENGTH_MAX = 512;
const PATTERN = /^[a-z]+(\/[A-Za-z0-9._:-]{1,255})+$/;

/** Whether a text can be a key. Families unknown to this version are fine: a newer member may know them. */
export const isKey = (text: string): boolean =>
  text.length <= (text.startsWith('history/') ? HISTORY_KEY_LENGTH_MAX : KEY_LENGTH_MAX) && PATTERN.test(text);

/** The catalog's keys, by what they hold. */
export const keys = {
  group: (group: string) => `groups/${group}`,
  app: (group: string, app: string) => `apps/${group}/${app}`,
  /** Padded, so that the order of keys is the order of versions. */
  version: (group: string, app: string, number: number) =>
    `versions/${group}/${app}/${String(number).padStart(6, '0')}`,
  /** The content of files of an app, by its SHA-256. */
  file: (group: string, app: string, sha256: string) => `files/${group}/${app}/${sha256}`,
  cluster: (cluster: string) => `clusters/${cluster}`,
  operation: (id: OperationId) => `operations/${id}`,
  event: (id: string) => `events/${id}`,
  token: (id: string) => `tokens/${id}`,
  member: (hostId: HostId) => `members/${hostId}`,
  eviction: (hostId: HostId) => `evictions/${hostId}`,
  /** What operators want of a host, not what the host says of itself. */
  host: (hostId: HostId) => `hosts/${hostId}`,
  credential: (id: string) => `credentials/${id}`,
  /** What is moved so that hosts are evenly used, while it is. */
  rebalance: 'moves/rebalance',
  stuck: (container: ContainerId) => `stuck/${container}`,
  /** What people want of a repository, not what is in it. */
  repository: (name: string) => `repositories/${name}`,
  namespace: (name: string) => `namespaces/${name}`,
  /** A repository's name has slashes; what follows the last one is the tag. */
  tag: (repository: string, tag: string) => `tags/${repository}/${tag}`,
  manifest: (repository: string, digest: Digest) => `manifests/${repository}/${digest}`,
  /** `host` may have a port. */
  upstream: (host: string) => `upstreams/${host}`,
  imageSettings: 'settings/images',
  shellSettings: 'settings/shells',
  logForward: (name: string) => `forwards/${name}`,
  /** Client text may hold anything, so the key is a hash of it: 128 bits from two seeds. */
  idempotency: (actor: string, clientKey: string) => {
    const text = `${actor}\n${clientKey}`;
    return `idempotency/${hashHex(text)}${hashHex(text, 1)}`;
  },
  /** Where the loser of a conflict over `key` is kept. */
  history: (key: string, loser: Hlc) => `history/${key}/${loser}`,
} as const;

/** Prefixes for listing. */
export const prefixes = {
  groups: 'groups/',
  apps: 'apps/',
  appsOf: (group: string) => `apps/${group}/`,
  versions: 'versions/',
  versionsOf: (group: string, app: string) => `versions/${group}/${app}/`,
  filesOf: (group: string, app: string) => `files/${group}/${app}/`,
  clusters: 'clusters/',
  operations: 'operations/',
  events: 'events/',
  tokens: 'tokens/',
  members: 'members/',
  evictions: 'evictions/',
  hosts: 'hosts/',
  credentials: 'credentials/',
  stuck: 'stuck/',
  repositories: 'repositories/',
  namespaces: 'namespaces/',
  tags: 'tags/',
  /** Finds those of `a/b` under `a` as well: `tagsOf` in `images/records.ts` leaves them out. */
  tagsOf: (path: string) => `tags/${path}/`,
  manifests: 'manifests/',
  /** As with tags: `manifestsOf`. */
  manifestsOf: (path: string) => `manifests/${path}/`,
  upstreams: 'upstreams/',
  forwards: 'forwards/',
  idempotency: 'idempotency/',
  history: 'history/',
  historyOf: (key: string) => `history/${key}/`,
} as const;

/** A key taken apart. */
export type ParsedKey =
  | { readonly kind: 'group'; readonly group: string }
  | { readonly kind: 'app'; readonly group: string; readonly app: string }
  | { readonly kind: 'version'; readonly group: string; readonly app: string; readonly number: number }
  | { readonly kind: 'cluster'; readonly cluster: string }
  | { readonly kind: 'operation'; readonly id: OperationId }
  | { readonly kind: 'event' | 'token' | 'credential' | 'idempotency'; readonly id: string }
  | { readonly kind: 'member' | 'eviction' | 'host'; readonly hostId: HostId }
  | { readonly kind: 'history'; readonly of: string; readonly loser: Hlc }
  | { readonly kind: 'unknown' };

const UNKNOWN: ParsedKey = { kind: 'unknown' };

/** Never fails: what this version does not know is `unknown`. */
export function parseKey(key: string): ParsedKey {
  const [family, first = '', second = '', third = '', ...more] = key.split('/');
  if (family === 'history') return parseHistoryKey(key);
  if (more.length > 0) return UNKNOWN;
  const depth = third !== '' ? 3 : second !== '' ? 2 : 1;
  if (family === 'versions' && depth === 3 && /^\d{6}$/.test(third)) {
    return { kind: 'version', group: first, app: second, number: Number(third) };
  }
  if (family === 'apps' && depth === 2) return { kind: 'app', group: first, app: second };
  return depth === 1 && first !== '' ? parseFlatKey(family ?? '', first) : UNKNOWN;
}

function parseFlatKey(family: string, name: string): ParsedKey {
  switch (family) {
    case 'groups':
      return { kind: 'group', group: name };
    case 'clusters':
      return { kind: 'cluster', cluster: name };
    case 'operations':
      return { kind: 'operation', id: name as OperationId };
    case 'events':
      return { kind: 'event', id: name };
    case 'tokens':
      return { kind: 'token', id: name };
    case 'credentials':
      return { kind: 'credential', id: name };
    case 'idempotency':
      return { kind: 'idempotency', id: name };
    case 'members':
      return { kind: 'member', hostId: name as HostId };
    case 'evictions':
      return { kind: 'eviction', hostId: name as HostId };
    case 'hosts':
      return { kind: 'host', hostId: name as HostId };
    default:
      return UNKNOWN;
  }
}

function parseHistoryKey(key: string): ParsedKey {
  const rest = key.slice(prefixes.history.length);
  const slash = rest.lastIndexOf('/');
  return slash <= 0 ? UNKNOWN : { kind: 'history', of: rest.slice(0, slash), loser: rest.slice(slash + 1) as Hlc };
}
