import Type from 'typebox';
import { limits } from '../limits.ts';
import { ContainerIdSchema, HostIdSchema, Name, Timestamp } from './common.ts';

/** What a host or a container uses at one moment. Rates are means since the moment before. */
export const UsagePoint = Type.Object(
  {
    at: Timestamp,
    /** Thousandths of a core. */
    cpuMilli: Type.Number({ minimum: 0 }),
    /** Bytes in use, without what the kernel only caches. */
    memoryBytes: Type.Number({ minimum: 0 }),
    /** Bytes a second. */
    receivedBytesPerS: Type.Number({ minimum: 0 }),
    sentBytesPerS: Type.Number({ minimum: 0 }),
    readBytesPerS: Type.Number({ minimum: 0 }),
    writtenBytesPerS: Type.Number({ minimum: 0 }),
  },
  { $id: 'UsagePoint' },
);
export type UsagePoint = Type.Static<typeof UsagePoint>;

/** How far back a history goes. Milliseconds. */
export const usageSpanMs = 24 * 3_600_000;

const column = Type.Array(Type.Number({ minimum: 0 }), { maxItems: limits.usagePoints });

/** A day of usage in columns of the same length, oldest first. */
export const UsageHistory = Type.Object(
  {
    /** Milliseconds between points. */
    stepMs: Type.Integer({ minimum: 1 }),
    /** Milliseconds since the epoch, by the clock of the host. */
    atMs: column,
    cpuMilli: column,
    memoryBytes: column,
    receivedBytesPerS: column,
    sentBytesPerS: column,
    readBytesPerS: column,
    writtenBytesPerS: column,
  },
  { $id: 'UsageHistory' },
);
export type UsageHistory = Type.Static<typeof UsageHistory>;

/** Newest usage of a host. */
export const HostUsage = Type.Object(
  { ...UsagePoint.properties, hostId: HostIdSchema, hostName: Name },
  { $id: 'HostUsage' },
);
export type HostUsage = Type.Static<typeof HostUsage>;

/** Newest usage of a container. */
export const ContainerUsage = Type.Object(
  {
    ...UsagePoint.properties,
    containerId: ContainerIdSchema,
    container: Type.String(),
    group: Name,
    app: Name,
    hostId: HostIdSchema,
    hostName: Name,
    /** Its limit. Bytes. */
    memoryLimitBytes: Type.Number({ minimum: 0 }),
  },
  { $id: 'ContainerUsage' },
);
export type ContainerUsage = Type.Static<typeof ContainerUsage>;

/** `GET /v1/usage`: the newest of all hosts and containers, and the hosts that did not answer. */
export const Usage = Type.Object(
  {
    hosts: Type.Array(HostUsage),
    containers: Type.Array(ContainerUsage),
    missing: Type.Array(Type.Object({ hostId: HostIdSchema, hostName: Name, code: Type.String() })),
  },
  { $id: 'Usage' },
);
export type Usage = Type.Static<typeof Usage>;

/** Steps that a history can be asked in: five seconds for ten minutes, half a minute for two hours, five minutes for a day. */
export const usageQuery = {
  since: Type.Optional(Type.String({ pattern: '^\\d{1,6}(s|m|h)$', description: 'how far back: 10m, 2h, 24h' })),
  step: Type.Optional(Type.Union([Type.Literal('5s'), Type.Literal('30s'), Type.Literal('5m')])),
};
