/** A string that the type checker keeps apart from other strings. */
export type Brand<Name extends string> = string & { readonly __brand: Name };

/** libp2p peer id (Ed25519, base58) of a host's agent; the host's only identity. */
export type HostId = Brand<'HostId'>;
/** Names one mesh; part of every protocol name, so two meshes can't talk by accident. */
export type MeshId = Brand<'MeshId'>;
/** `op_` + 26 characters, sortable by time. */
export type OperationId = Brand<'OperationId'>;
/** `ct_` + 26 characters; one wanted container on one host. Never reused. */
export type ContainerId = Brand<'ContainerId'>;
/** `rs_` + 26 characters; a host's short-lived promise in an auction. */
export type ReservationId = Brand<'ReservationId'>;

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * A 26-character ULID: 48 bits of milliseconds, then 80 random bits, Crockford base32.
 *
 * @param nowMs milliseconds since the Unix epoch
 * @param random returns a number in [0, 1)
 */
export function ulid(nowMs: number, random: () => number): string {
  let time = '';
  for (let rest = Math.floor(nowMs), i = 0; i < 10; i++, rest = Math.floor(rest / 32))
    time = CROCKFORD[rest % 32] + time;
  let tail = '';
  for (let i = 0; i < 16; i++) tail += CROCKFORD[Math.floor(random() * 32)];
  return time + tail;
}

/** Prefixes of our ids by what they name. */
export const idPrefix = {
  operation: 'op_',
  container: 'ct_',
  reservation: 'rs_',
  token: 'tk_',
  event: 'ev_',
  app: 'ap_',
} as const;

/** Makes a prefixed, time-sortable id. */
export function newId<T extends string>(kind: keyof typeof idPrefix, nowMs: number, random: () => number): T {
  return (idPrefix[kind] + ulid(nowMs, random)) as T;
}
