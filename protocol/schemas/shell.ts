import Type from 'typebox';
import { limits } from '../limits.ts';
import { ContainerIdSchema, HostIdSchema, Name, Timestamp } from './common.ts';

const Size = Type.Integer({ minimum: 1, maximum: 1_000 });
export const ShellIdSchema = Type.String({ pattern: '^sh_[0-9A-HJKMNP-TV-Z]{26}$', maxLength: 64 });

/** `POST /v1/containers/:container/shells`. */
export const ShellRequest = Type.Object(
  {
    /** Default: bash if there is one, else sh. */
    command: Type.Optional(
      Type.Array(Type.String({ maxLength: 4_096 }), { minItems: 1, maxItems: limits.commandWords }),
    ),
    /** `name`, `uid` or `uid:gid`. Default: the user of the container. */
    user: Type.Optional(Type.String({ pattern: '^[a-zA-Z0-9_][a-zA-Z0-9_.:-]{0,63}$' })),
    /** A terminal; else pipes with stdout and stderr apart. */
    tty: Type.Optional(Type.Boolean({ default: true })),
    cols: Type.Optional(Size),
    rows: Type.Optional(Size),
  },
  { $id: 'ShellRequest', additionalProperties: false },
);
export type ShellRequest = Type.Static<typeof ShellRequest>;

/** A name that a client makes up and gives again when it comes back to a session. */
export const ShellClient = Type.String({ pattern: '^[A-Za-z0-9_-]{8,64}$', maxLength: 64 });

/** A shell session: it lives on the container's host; viewers come and go. */
export const ShellSession = Type.Object(
  {
    id: ShellIdSchema,
    containerId: ContainerIdSchema,
    container: Type.String(),
    hostId: HostIdSchema,
    hostName: Name,
    command: Type.Array(Type.String()),
    user: Type.Optional(Type.String()),
    tty: Type.Boolean(),
    openedAt: Timestamp,
    openedBy: Type.String({ maxLength: 128 }),
    viewers: Type.Integer({ minimum: 0 }),
    /** What it shows is written down. */
    isRecorded: Type.Optional(Type.Boolean()),
    state: Type.Union([Type.Literal('open'), Type.Literal('ended')]),
    exitCode: Type.Optional(Type.Integer()),
  },
  { $id: 'ShellSession' },
);
export type ShellSession = Type.Static<typeof ShellSession>;

/**
 * The right to attach to a session once, on any member: connect a WebSocket to `url` (a path) within 30 s. To come back with
 * replay, ask for another ticket and add `&offset=N`, the first byte of output that was not seen.
 */
export const ShellTicket = Type.Object(
  {
    sessionId: ShellIdSchema,
    ticket: Type.String({ maxLength: 64 }),
    /** Path and query of the WebSocket. */
    url: Type.String(),
    expiresAt: Timestamp,
    /** What the shell shows is written down: tell whoever opened it. */
    isRecorded: Type.Optional(Type.Boolean()),
  },
  { $id: 'ShellTicket' },
);
export type ShellTicket = Type.Static<typeof ShellTicket>;

/**
 * First byte of each binary WebSocket message; the rest is its payload. Numbers are big endian. Offsets count the bytes of
 * output (stdout and stderr) since the session began.
 */
export const shellFrames = {
  /** From the session: bytes of the terminal, or of stdout. */
  output: 0,
  /** To the session: bytes for stdin. */
  input: 1,
  /** To the session: u16 columns, u16 rows. */
  resize: 2,
  /** To the session: u64 offset up to which output was shown. At most 512 KiB are sent ahead of it. */
  ack: 3,
  /** From the session: i32 exit code. It is over. */
  exit: 4,
  /** From the session, before output: u64 offset of the next byte. Higher than expected: what lies between is lost. */
  attached: 5,
  /** To the session: stdin is at its end. */
  inputEnd: 6,
  /** From the session: bytes of stderr (without a terminal only). */
  errorOutput: 7,
  /** From the session: u64 bytes of input that the process took. Keep at most 256 KiB ahead of it. */
  inputAck: 8,
  /** From the session: a problem document in JSON. Then it closes. */
  problem: 9,
} as const;
