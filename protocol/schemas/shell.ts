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
