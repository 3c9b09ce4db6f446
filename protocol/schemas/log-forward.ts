import Type from 'typebox';
import { HostIdSchema, Name, Timestamp } from './common.ts';
import { SealedPassword } from './image.ts';

/** Where lines go: `syslog+tcp://` and `syslog+tls://` speak RFC 5424, `http://` and `https://` take JSON lines by POST. */
export const ForwardUrl = Type.String({
  pattern: '^(syslog\\+(tcp|tls)://[^/?#@\\s]+|https?://[^#@\\s]+)$',
  maxLength: 1_024,
  description: 'syslog+tcp://HOST:PORT, syslog+tls://HOST:PORT, http://… or https://…',
});
export const HeaderName = Type.String({ pattern: '^[A-Za-z0-9!#$%&*+.^_|~-]{1,64}$', maxLength: 64 });
/** Certificates in PEM that are trusted, besides those that this machine trusts. */
export const CaPem = Type.String({ pattern: '^\\s*-----BEGIN CERTIFICATE-----[\\s\\S]*$', maxLength: 65_536 });

/** Whose logs: of one app, of a group, or all. */
export const ForwardScope = Type.Object(
  { group: Type.Optional(Name), app: Type.Optional(Name) },
  { additionalProperties: false },
);
export type ForwardScope = Type.Static<typeof ForwardScope>;

const shown = {
  name: Name,
  url: ForwardUrl,
  scope: ForwardScope,
  /** HTTP: a header with a secret, such as `Authorization`. */
  headerName: Type.Optional(HeaderName),
  caPem: Type.Optional(CaPem),
  /** Whether the collector has to prove who it is, with TLS. */
  verify: Type.Boolean(),
  updatedAt: Timestamp,
  updatedBy: Type.String({ maxLength: 128 }),
};

/** Where logs are forwarded to, as stored: the header's value is sealed with the mesh's key. */
export const LogForwardRecord = Type.Object(
  { ...shown, sealedHeader: Type.Optional(SealedPassword) },
  { $id: 'LogForwardRecord' },
);
export type LogForwardRecord = Type.Static<typeof LogForwardRecord>;

/** How far one host is with its containers' lines. Counts begin with its agent. */
export const LogForwardState = Type.Object(
  {
    hostId: HostIdSchema,
    hostName: Name,
    /**
     * `connected`: the collector takes what comes; `idle`: nothing was sent yet, so nobody knows; `behind`: lines wait; `dropped`: some
     * were lost within the last ten minutes.
     */
    state: Type.Union([
      Type.Literal('connected'),
      Type.Literal('idle'),
      Type.Literal('behind'),
      Type.Literal('dropped'),
    ]),
    sentLines: Type.Integer({ minimum: 0 }),
    droppedLines: Type.Integer({ minimum: 0 }),
    /** Waiting on the disk of the host. */
    waitingBytes: Type.Integer({ minimum: 0 }),
    /** Why the last try failed; empty when it did not. */
    detail: Type.String({ maxLength: 1_024 }),
  },
  { $id: 'LogForwardState' },
);
export type LogForwardState = Type.Static<typeof LogForwardState>;

/** Where logs are forwarded to, and how far each host is. */
export const LogForward = Type.Object(
  {
    ...shown,
    hasSecret: Type.Boolean(),
    hosts: Type.Array(LogForwardState),
    /** Hosts that do not answer: their lines wait there. */
    missing: Type.Array(Type.Object({ hostId: HostIdSchema, hostName: Name, code: Type.String({ maxLength: 64 }) })),
  },
  { $id: 'LogForward' },
);
export type LogForward = Type.Static<typeof LogForward>;
