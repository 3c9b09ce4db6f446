import Type from 'typebox';
import { limits } from '../limits.ts';
import { ContainerIdSchema, HostIdSchema, Name, Timestamp } from './common.ts';

/** One line that a container wrote. */
export const LogLine = Type.Object(
  {
    type: Type.Literal('line'),
    containerId: ContainerIdSchema,
    /** Name of the container. */
    container: Type.String({ maxLength: 200 }),
    hostName: Name,
    replica: Type.Integer({ minimum: 0 }),
    /** When the engine got it: RFC 3339 UTC with nanoseconds. */
    at: Timestamp,
    stream: Type.Union([Type.Literal('stdout'), Type.Literal('stderr')]),
    /** Without its line end. Bytes that are no UTF-8 stand as U+FFFD; escape sequences are kept, never trust them. */
    text: Type.String({ maxLength: limits.logLineBytes }),
    /** The line was longer: these are its first bytes. */
    isCut: Type.Optional(Type.Boolean()),
  },
  { $id: 'LogLine' },
);
export type LogLine = Type.Static<typeof LogLine>;

/** A container whose lines are missing from the answer, and why. */
export const LogMissing = Type.Object(
  {
    type: Type.Literal('missing'),
    containerId: ContainerIdSchema,
    container: Type.String({ maxLength: 200 }),
    replica: Type.Integer({ minimum: 0 }),
    hostId: HostIdSchema,
    hostName: Name,
    code: Type.String({ maxLength: 64 }),
    detail: Type.String({ maxLength: 1_024 }),
  },
  { $id: 'LogMissing' },
);
export type LogMissing = Type.Static<typeof LogMissing>;

/** What a log answer is made of: one JSON object a line, or the `data` of one server-sent event named by `type`. */
export const LogEntry = Type.Union([LogLine, LogMissing], { $id: 'LogEntry' });
export type LogEntry = Type.Static<typeof LogEntry>;

/** A moment, or how long ago it was: `2026-01-31T12:00:00Z` or `10m`. */
const Moment = Type.String({
  pattern: '^(\\d{1,9}(ms|s|m|h|d)|\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?Z)$',
  maxLength: 40,
  description: 'RFC 3339 UTC, or a duration ago: 10m',
});

/** Query of both log routes. */
export const logQuery = {
  follow: Type.Optional(Type.Union([Type.Literal('true'), Type.Literal('false')])),
  since: Type.Optional(Moment),
  until: Type.Optional(Moment),
  tail: Type.Optional(
    Type.Integer({ minimum: 0, maximum: limits.logTailLines, description: 'newest lines of each container' }),
  ),
  stream: Type.Optional(Type.Union([Type.Literal('stdout'), Type.Literal('stderr')])),
  previous: Type.Optional(
    Type.Union([Type.Literal('true'), Type.Literal('false')], {
      description: 'of containers that were removed within the last hour; does not go with `follow`',
    }),
  ),
  grep: Type.Optional(
    Type.String({ minLength: 1, maxLength: 256, description: 'only lines that contain this text; case matters' }),
  ),
};

/** What a host is asked for. Times are RFC 3339 UTC. */
export const LogRequest = Type.Object({
  containerId: ContainerIdSchema,
  follow: Type.Boolean(),
  since: Type.Optional(Timestamp),
  /** As `since`, and the line of this very moment is known already. */
  after: Type.Optional(Timestamp),
  until: Type.Optional(Timestamp),
  tail: logQuery.tail,
  stream: logQuery.stream,
  grep: logQuery.grep,
  /** What it wrote last before it was removed. */
  previous: Type.Optional(Type.Boolean()),
});
export type LogRequest = Type.Static<typeof LogRequest>;

/** A container that was removed, and whose last output its host keeps for a while. */
export const LastOutput = Type.Object({
  containerId: ContainerIdSchema,
  /** Name of the container. */
  container: Type.String({ maxLength: 200 }),
  group: Name,
  app: Name,
  replica: Type.Integer({ minimum: 0 }),
  removedAt: Timestamp,
});
export type LastOutput = Type.Static<typeof LastOutput>;

/** One line as a host sends it, or word that what follows is written now. An empty object shows that the host is there. */
export const LogRecord = Type.Object({
  at: Type.Optional(Timestamp),
  stream: logQuery.stream,
  text: Type.Optional(Type.String({ maxLength: limits.logLineBytes })),
  isCut: Type.Optional(Type.Boolean()),
  isLive: Type.Optional(Type.Boolean()),
});
export type LogRecord = Type.Static<typeof LogRecord>;
