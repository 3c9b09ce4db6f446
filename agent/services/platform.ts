import type { HostId, MeshId, OperationId } from '../../protocol/ids.ts';
import type { CapacityAnswer, CapacityRequest } from '../../protocol/schemas/capacity.ts';
import type { Command } from '../../protocol/schemas/commands.ts';
import type { Container, Host, Member } from '../../protocol/schemas/host.ts';
import type { App, Cluster, Event, Group } from '../../protocol/schemas/model.ts';
import type { Move, Operation } from '../../protocol/schemas/operation.ts';
import type { Token } from '../../protocol/schemas/requests.ts';
import type { Version } from '../../protocol/schemas/version.ts';
import type { VersionDiff } from '../../protocol/schemas/version-diff.ts';
import type { EventFilter } from './events/event-filter.ts';
import type { ImagePlatform } from './images/image-platform.ts';

/** Who asks, as the access decision sees it. */
export interface Actor {
  readonly id: string;
  readonly role: 'admin';
}

/** A stored thing and its revision (the catalog stamp), served as ETag and expected in If-Match. */
export interface Revisioned<T> {
  readonly item: T;
  readonly revision: string;
}

export interface CommandContext {
  readonly actor: Actor;
  readonly idempotencyKey?: string;
  /**
   * What the client sent, by which a retry is told from another request with the same key. Absent: the command, which may
   * hold what was looked up for it, such as hosts or a digest.
   */
  readonly asked?: unknown;
  /** Expected revision of the thing changed. */
  readonly ifMatch?: string;
  readonly signal: AbortSignal;
}

/** What an accepted command answers. It is on W members' disks by then. */
export interface CommandResult {
  /** The thing created or changed: the same shape the read routes give. Token creation adds `token`, once. */
  readonly body: unknown;
  readonly revision?: string;
  /** Set when work goes on: answered 202 with its Location. */
  readonly operationId?: OperationId;
  /** True when this Idempotency-Key was seen before and the first answer is given again. */
  readonly replayed: boolean;
}

/** What changed, coarse: watchers read again what they show. */
export type Topic = 'hosts' | 'containers' | 'apps' | 'operations' | 'events' | 'members' | 'images';

/** Everything the API serves, from this member's own view; commands are forwarded to the steward. Throws ShoalError. */
export interface Platform {
  readonly hostId: HostId;
  readonly hostName: string;
  readonly meshId: MeshId;
  readonly agentVersion: string;
  readonly images: ImagePlatform;
  readiness(): { readonly ready: boolean; readonly reason: string };
  /** Members this one sees alive, of how many admitted. */
  view(): { readonly alive: number; readonly members: number; readonly isolated: boolean };
  /** The actor of a bearer token, or undefined. Constant time in the secret. */
  authenticate(token: string): Promise<Actor | undefined>;
  /** @throws ShoalError with any code of the table; nothing is changed then */
  run(command: Command, context: CommandContext): Promise<CommandResult>;

  groups(): readonly Revisioned<Group>[];
  group(name: string): Revisioned<Group> | undefined;
  apps(group?: string): readonly Revisioned<App>[];
  app(group: string, name: string): Revisioned<App> | undefined;
  versions(group: string, app: string): readonly Version[];
  /** undefined when one of them does not exist. */
  diffVersions(group: string, app: string, from: number, to: number): VersionDiff | undefined;
  /** The content of files of an app's versions, by its SHA-256. */
  file(group: string, app: string, sha256: string): Uint8Array | undefined;
  clusters(): readonly Revisioned<Cluster>[];
  hosts(): readonly Host[];
  /** By host id or host name. */
  host(idOrName: string): Host | undefined;
  containers(filter?: { readonly group?: string; readonly app?: string; readonly host?: string }): readonly Container[];
  /** By container id, or a unique prefix of at least 6 characters, or its name. */
  container(idOrName: string): Container | undefined;
  operations(filter?: { readonly group?: string; readonly app?: string }): readonly Operation[];
  operation(id: string): Operation | undefined;
  /** Newest last. */
  events(filter?: EventFilter): readonly Event[];
  members(): readonly Member[];
  /** How many more replicas would fit. @throws ShoalError not-found, invalid-request */
  capacity(asked: CapacityRequest): CapacityAnswer;
  /** Moves that would use hosts evenly, best first, at most so many. */
  rebalancePlan(maxMoves: number): readonly Move[];
  tokens(): readonly Token[];

  /** Calls back after changes, coalesced to at most 20 times a second; returns the unsubscribe function. */
  watch(onChange: (topics: ReadonlySet<Topic>) => void): () => void;
  /** Prometheus text. */
  metrics(): Promise<string>;
}
