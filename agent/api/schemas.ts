import { STATUS_CODES } from 'node:http';
import Type, { type Static, type TSchema } from 'typebox';
import { limits } from '../../protocol/limits.ts';
import { CapacityAnswer } from '../../protocol/schemas/capacity.ts';
import { Problem } from '../../protocol/schemas/common.ts';
import { Container, Host, Member } from '../../protocol/schemas/host.ts';
import {
  BlobLocation,
  Descriptor,
  HostImageUsage,
  Image,
  ImageDetail,
  ImageSettings,
  ManifestRecord,
  Namespace,
  Repository,
  Transfer,
  Upstream,
} from '../../protocol/schemas/image.ts';
import { LogForward, LogForwardState } from '../../protocol/schemas/log-forward.ts';
import { LogEntry, LogLine, LogMissing } from '../../protocol/schemas/logs.ts';
import { App, Cluster, Deployment, Event, Group } from '../../protocol/schemas/model.ts';
import {
  AppOperation,
  Decision,
  ImageOperation,
  Move,
  MoveOperation,
  OfferView,
  Operation,
  Refusal,
} from '../../protocol/schemas/operation.ts';
import { DeploymentPlan, PlannedAuction, PlannedRollout } from '../../protocol/schemas/plan.ts';
import { Recording, ShellSettings } from '../../protocol/schemas/recording.ts';
import * as requests from '../../protocol/schemas/requests.ts';
import { Rollout, RolloutPolicy, RolloutView } from '../../protocol/schemas/rollout.ts';
import { ShellRequest, ShellSession, ShellTicket } from '../../protocol/schemas/shell.ts';
import { ContainerUsage, HostUsage, Usage, UsageHistory } from '../../protocol/schemas/usage.ts';
import { StoredSpec, Version, VersionSpec } from '../../protocol/schemas/version.ts';
import { VersionDiff } from '../../protocol/schemas/version-diff.ts';

/** Schemas that the OpenAPI document names; each occurrence elsewhere becomes a reference to it. */
export const namedSchemas: readonly object[] = [
  Problem,
  Group,
  CapacityAnswer,
  RolloutPolicy,
  Rollout,
  RolloutView,
  Deployment,
  App,
  VersionSpec,
  StoredSpec,
  Version,
  VersionDiff,
  Cluster,
  Host,
  Member,
  Container,
  OfferView,
  Refusal,
  Decision,
  PlannedAuction,
  PlannedRollout,
  DeploymentPlan,
  AppOperation,
  ImageOperation,
  Move,
  MoveOperation,
  Operation,
  Event,
  LogLine,
  LogMissing,
  LogEntry,
  ShellRequest,
  ShellSession,
  ShellTicket,
  ShellSettings,
  Recording,
  LogForwardState,
  LogForward,
  UsageHistory,
  HostUsage,
  ContainerUsage,
  Usage,
  Repository,
  Descriptor,
  ManifestRecord,
  Image,
  ImageDetail,
  BlobLocation,
  Transfer,
  HostImageUsage,
  ImageSettings,
  Namespace,
  Upstream,
  ...Object.values(requests),
].map((schema) => withReferences(schema, schema));

/** A reference to a named schema, with its static type. */
export const ref = <T extends TSchema>(schema: T) => Type.Unsafe<Static<T>>({ $ref: `${idOf(schema)}#` });

function idOf(schema: object): string {
  if ('$id' in schema && typeof schema.$id === 'string') return schema.$id;
  throw new Error('a schema without $id has no name');
}

/** A copy of the schema in which every other named schema is replaced by a reference. */
function withReferences(part: object, root: object): object {
  if (part !== root && '$id' in part) return { $ref: `${idOf(part)}#` };
  const copy = (value: unknown): unknown =>
    typeof value === 'object' && value !== null ? withReferences(value, root) : value;
  if (Array.isArray(part)) return part.map(copy);
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, copy(value)]));
}

/** One page of a list. */
export const pageOf = (schema: TSchema) =>
  Type.Object({
    items: Type.Array(ref(schema), { maxItems: limits.pageItems }),
    nextCursor: Type.Optional(Type.String({ description: 'for `cursor`; absent on the last page' })),
  });

/** Query of a list that tells changes too. */
export const sinceQuery = {
  since: Type.Optional(
    Type.String({
      pattern: '^(0|[0-9a-f]{16}\\.[0-9]{1,15})$',
      description: 'revision of an earlier answer, 0 to begin: only what has changed since',
    }),
  ),
};

/** A page, or with `since` what has changed; a client that begins asks with 0 first, then reads the list, then asks on. */
export const pageOrChangesOf = (schema: TSchema) =>
  Type.Object({
    ...pageOf(schema).properties,
    revision: Type.Optional(Type.String({ description: 'for `since`; with `since` only, as all below' })),
    removed: Type.Optional(Type.Array(Type.String(), { description: 'ids of what went' })),
    stale: Type.Optional(
      Type.Boolean({ description: 'too much has changed, or that revision is unknown here: read the list again' }),
    ),
  });

/** Path of everything that a container has. */
export const containerParams = Type.Object({
  container: Type.String({
    pattern: '^[a-zA-Z0-9][a-zA-Z0-9_.-]*$',
    maxLength: 200,
    description: 'container id, its first characters (6 or more), or its name',
  }),
});

/** Query of every list, next to its filters. */
export const pageQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.pageItems, default: limits.pageItems })),
  cursor: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]+$', maxLength: 1_024, description: 'nextCursor' })),
};

export const query = <P extends Type.TProperties>(properties: P) =>
  Type.Object(properties, { additionalProperties: false });

/** `?name=true`. */
export const flag = (description: string) =>
  Type.Optional(Type.Union([Type.Literal('true'), Type.Literal('false')], { description }));

export const force = { force: flag('deletes also what is in use') };

const problem = {
  description: 'What went wrong (RFC 9457)',
  content: { 'application/problem+json': { schema: ref(Problem) } },
};

/** Answers by status; every route may answer with a problem. */
export function answers(byStatus: Readonly<Record<number, object>>): Record<string, object> {
  const described = Object.entries(byStatus).map(([status, schema]) => {
    return [status, { 'x-response-description': STATUS_CODES[status], ...schema }] as const;
  });
  return { ...Object.fromEntries(described), default: problem };
}

/** Documents an answer that is a stream of server-sent events. */
export const eventStream = {
  description: 'Server-sent events',
  content: { 'text/event-stream': { schema: Type.String() } },
};
