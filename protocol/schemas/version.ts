import Type from 'typebox';
import { limits } from '../limits.ts';
import { Bytes, Constraint, CpuMilli, Description, Labels, memoryLimit, Name, signal, Timestamp } from './common.ts';
import { FileSpec, StoredFile } from './file.ts';
import { ResolvedImageName } from './image.ts';

const closed = { additionalProperties: false } as const;
const port = Type.Integer({ minimum: 1, maximum: 65_535 });
/** A NUL ends a word for the kernel: no process can be given what stands behind it. */
const word = (maxLength: number) => Type.String({ pattern: '^[^\\u0000]*$', maxLength });
const words = Type.Array(word(32_768), { maxItems: limits.commandWords });
const durationMs = Type.Integer({ minimum: 0, maximum: 3_600_000, description: 'milliseconds' });

/** A published port. Without `host` the host that runs the container picks a free one. */
export const PortSpec = Type.Object(
  {
    container: port,
    host: Type.Optional(port),
    protocol: Type.Optional(Type.Union([Type.Literal('tcp'), Type.Literal('udp')], { default: 'tcp' })),
  },
  closed,
);
export type PortSpec = Type.Static<typeof PortSpec>;

const VolumeSpec = Type.Object(
  {
    name: Name,
    target: Type.String({ pattern: '^/[^\\u0000]*$', maxLength: 1_024, description: 'absolute path in the container' }),
    readOnly: Type.Optional(Type.Boolean()),
  },
  closed,
);

/** `GET` of the container: healthy when the status is wanted and the body, if that is asked for, holds a text. */
const HttpCheck = Type.Object(
  {
    port,
    path: Type.Optional(Type.String({ pattern: '^/[\\x21-\\x7e]*$', maxLength: 1_024, description: 'default: /' })),
    host: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9.:-]{1,255}$', description: 'the Host header' })),
    status: Type.Optional(
      Type.Array(Type.Integer({ minimum: 100, maximum: 599 }), {
        minItems: 1,
        maxItems: 32,
        description: 'default: 200 to 399',
      }),
    ),
    bodyIncludes: Type.Optional(Type.String({ minLength: 1, maxLength: 1_024, description: 'in its first 64 KiB' })),
  },
  closed,
);

/**
 * How a container is checked, exactly one of: a command in it whose exit 0 is healthy (Docker runs it), an HTTP request, a TCP
 * connection (the host's agent makes them, to a port of the container), or nothing, not even what the image says.
 */
export const HealthSpec = Type.Object(
  {
    command: Type.Optional(Type.Array(word(8_192), { minItems: 1, maxItems: limits.commandWords })),
    http: Type.Optional(HttpCheck),
    tcp: Type.Optional(Type.Object({ port }, closed)),
    none: Type.Optional(Type.Literal(true)),
    intervalMs: Type.Optional(Type.Integer({ minimum: 100, maximum: 3_600_000 })),
    timeoutMs: Type.Optional(Type.Integer({ minimum: 100, maximum: 3_600_000 })),
    retries: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    startPeriodMs: Type.Optional(durationMs),
  },
  closed,
);

export type HealthSpec = Type.Static<typeof HealthSpec>;

/** Another app, `name` of the same group or `group/name`, that replicas are to be with on a host, or apart from. */
export const Affinity = Type.Object(
  {
    app: Type.String({
      pattern: '^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?/)?[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$',
      maxLength: 127,
    }),
    rule: Type.Union([Type.Literal('with'), Type.Literal('apart')]),
    required: Type.Optional(Type.Boolean({ description: 'a host that does not fit is refused; else it comes later' })),
  },
  closed,
);
export type Affinity = Type.Static<typeof Affinity>;

/** A host label over whose values replicas are spread: evenly, or by weights; a value without a weight comes last then. */
export const Spread = Type.Object(
  {
    label: Constraint.properties.label,
    weights: Type.Optional(
      Type.Record(Type.String({ maxLength: 1_024 }), Type.Number({ exclusiveMinimum: 0, maximum: 1_000_000 }), {
        maxProperties: 64,
      }),
    ),
  },
  closed,
);
export type Spread = Type.Static<typeof Spread>;

/** What happens when the container exits by itself; `on-failure` means a non-zero exit code. */
const RestartPolicy = Type.Union([Type.Literal('always'), Type.Literal('on-failure'), Type.Literal('never')]);

/** Everything that makes a container what it is. Immutable once it is a version. */
export const VersionSpec = Type.Object(
  {
    image: Type.String({
      pattern: '^[a-zA-Z0-9][a-zA-Z0-9._:/@-]*$',
      maxLength: 512,
      description: 'image reference as people write it',
    }),
    command: Type.Optional(words),
    entrypoint: Type.Optional(words),
    env: Type.Optional(
      Type.Record(Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_.-]{0,254}$' }), word(32_768), {
        maxProperties: limits.envEntries,
        additionalProperties: false,
      }),
    ),
    ports: Type.Optional(Type.Array(PortSpec, { maxItems: limits.ports })),
    memoryBytes: Type.Optional(memoryLimit('bytes, a hard limit; may be left out when the group has a default')),
    cpuMilli: Type.Optional(CpuMilli),
    volumes: Type.Optional(Type.Array(VolumeSpec, { maxItems: limits.volumes })),
    files: Type.Optional(Type.Array(FileSpec, { maxItems: limits.files })),
    restart: Type.Optional(RestartPolicy),
    health: Type.Optional(HealthSpec),
    labels: Type.Optional(Labels),
    constraints: Type.Optional(Type.Array(Constraint, { maxItems: limits.constraints })),
    affinity: Type.Optional(Type.Array(Affinity, { maxItems: limits.affinities })),
    spread: Type.Optional(
      Type.Array(Spread, {
        minItems: 1,
        maxItems: limits.spreads,
        description: 'default: over the zones, then over hosts',
      }),
    ),
    maxPerHost: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.replicas })),
    stopSignal: Type.Optional(signal('default: what the image says, or SIGTERM')),
    stopGraceMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 600_000, description: 'default 10 s' })),
    description: Type.Optional(Description),
  },
  { ...closed, $id: 'VersionSpec' },
);
export type VersionSpec = Type.Static<typeof VersionSpec>;

/** A spec as it is kept: of its files the digests, in the order of their paths. It is a spec to make the next version from. */
export const StoredSpec = Type.Object(
  { ...VersionSpec.properties, files: Type.Optional(Type.Array(StoredFile, { maxItems: limits.files })) },
  { ...closed, $id: 'StoredSpec' },
);
export type StoredSpec = Type.Static<typeof StoredSpec>;

/** What the image stood for when its version was made; hosts run that. Absent: whatever it stands for when it is pulled. */
const resolvedImage = Type.Optional(ResolvedImageName);

/** A spec whose open choices are made: what a host runs. */
export const ResolvedSpec = Type.Object(
  { ...StoredSpec.properties, memoryBytes: memoryLimit(), resolvedImage },
  closed,
);
export type ResolvedSpec = Type.Static<typeof ResolvedSpec>;

/** One immutable, numbered version of an app. */
export const Version = Type.Object(
  {
    group: Name,
    app: Name,
    appUid: Type.String({ maxLength: 64 }),
    number: Type.Integer({ minimum: 1 }),
    spec: StoredSpec,
    /** `spec.memoryBytes`, or the group's default at the time. */
    memoryBytes: Bytes,
    resolvedImage,
    /** Short hash of the spec; containers carry it as a label. */
    specHash: Type.String({ maxLength: 64 }),
    createdAt: Timestamp,
    createdBy: Type.String({ maxLength: 128 }),
  },
  { $id: 'Version' },
);
export type Version = Type.Static<typeof Version>;
