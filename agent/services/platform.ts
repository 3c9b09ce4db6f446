import type { Duplex } from 'node:stream';
import type { HostId, MeshId, OperationId } from '../../protocol/ids.ts';
import type { CapacityAnswer, CapacityRequest } from '../../protocol/schemas/capacity.ts';
import type { Command, CommandOf } from '../../protocol/schemas/commands.ts';
import type { Container, Host, Member } from '../../protocol/schemas/host.ts';
import type { LogForward } from '../../protocol/schemas/log-forward.ts';
import type { LogEntry } from '../../protocol/schemas/logs.ts';
import type { App, Cluster, Event, Group, Role } from '../../protocol/schemas/model.ts';
import type { Move, Operation } from '../../protocol/schemas/operation.ts';
import type { DeploymentPlan } from '../../protocol/schemas/plan.ts';
import type { Recording, ShellSettings } from '../../protocol/schemas/recording.ts';
import type { Credential, Token } from '../../protocol/schemas/requests.ts';
import type { ShellRequest, ShellSession, ShellTicket } from '../../protocol/schemas/shell.ts';
import type { Usage, UsageHistory } from '../../protocol/schemas/usage.ts';
import type { Version } from '../../protocol/schemas/version.ts';
import type { VersionDiff } from '../../protocol/schemas/version-diff.ts';
import type { MissingHost } from './ask-all.ts';
import type { EventFilter } from './events/event-filter.ts';
import type { ImagePlatform } from './images/image-platform.ts';
import type { LogWish } from './logs/log-reader.ts';

/** Who asks, as the access decision sees it. */
export interface Actor {
  readonly id: string;
  readonly role: Role;
  /** Of the credential: one made anew under the same name has another. */
  readonly revision?: string;
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

/** Who asks what a deployment would do. */
export interface PlanContext {
  readonly actor: Actor;
  readonly signal: AbortSignal;
  /** As if its group were made first, when there is none. */
  readonly withGroup: boolean;
}

/** What an accepted command answers. It is on W members' disks by then. */
export interface CommandResult {
  /** The thing created or changed: the same shape the read routes give. Token creation adds `token`, once. */
  readonly body: unknown;
  readonly revision?: string;
  /** True when what the command is about did not exist before: answered 201. */
  readonly isNew: boolean;
  /** Set when work goes on: answered 202 with its Location. */
  readonly operationId?: OperationId;
  /** True when this Idempotency-Key was seen before and the first answer is given again. */
  readonly replayed: boolean;
}

/** What changed, coarse: watchers read again what they show. */
export type Topic = 'hosts' | 'containers' | 'apps' | 'operations' | 'events' | 'members' | 'images';

/** Shells into any container of the mesh. @throws ShoalError not-found, conflict, forbidden, rate-limited, host-unreachable */
export interface ShellPlatform {
  open(container: string, request: ShellRequest, context: ShellContext): Promise<ShellTicket>;
  ticket(container: string, sessionId: string, actor: Actor): Promise<ShellTicket>;
  list(container: string, actor: Actor): Promise<readonly ShellSession[]>;
  close(container: string, sessionId: string, actor: Actor): Promise<ShellSession>;
  /** Frames behind their length (`protocol/shell-frames.ts`), both ways. The ticket is all that is asked for. */
  attach(container: string, sessionId: string, attach: ShellAttach): Promise<Duplex>;
}

/** A connection to a shell: the right to it, the first byte of output that was not seen, and who comes back. */
export interface ShellAttach {
  readonly ticket: string;
  readonly offset: number;
  readonly client?: string;
}

/** Recordings of shells, of all hosts that answer. @throws ShoalError not-found, conflict, forbidden, host-unreachable */
export interface RecordingPlatform {
  list(actor: Actor): Promise<{ readonly items: readonly Recording[]; readonly missing: readonly MissingHost[] }>;
  /** The asciicast. */
  read(id: string, actor: Actor, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  remove(id: string, actor: Actor): Promise<void>;
}

/** Where logs are forwarded to. */
export interface ForwardPlatform {
  /** With the progress of all hosts that answer. */
  list(): Promise<readonly LogForward[]>;
  names(): readonly string[];
  /** A header's value as commands carry it: sealed with the mesh's key. @throws ShoalError not-ready */
  seal(headerValue: string, name: string): string;
}

export interface ShellContext {
  readonly actor: Actor;
  readonly signal: AbortSignal;
}

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
  /** Whether the token that stood for somebody is good no more. */
  isRevoked(actor: Actor): boolean;
  /** @throws ShoalError with any code of the table; nothing is changed then */
  run(command: Command, context: CommandContext): Promise<CommandResult>;
  /** What a deployment would do now; nothing is changed or reserved. @throws ShoalError as `run` would */
  plan(command: CommandOf<'app.deploy'>, context: PlanContext): Promise<DeploymentPlan>;

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
  credentials(): readonly Credential[];

  /**
   * Logs of one container or of all of an app, merged by time; each container that cannot be asked is named in them. Read only
   * as far as somebody asks for more.
   */
  logs(
    of: { readonly container: string } | { readonly group: string; readonly app: string; readonly replica?: number },
    wish: LogWish,
    signal: AbortSignal,
  ): AsyncIterable<readonly LogEntry[]>;

  /** What a host or a container uses, a day of it. @throws ShoalError not-found, host-unreachable, timeout */
  usageHistory(
    of: { readonly host: HostId; readonly container?: string },
    range: { readonly sinceMs: number; readonly stepMs?: number },
  ): Promise<UsageHistory>;
  /** The newest of all hosts and containers; hosts that do not answer are named. */
  usage(): Promise<Usage>;

  /** Shells into containers. `container` is what `container()` finds. */
  readonly shells: ShellPlatform;

  readonly recordings: RecordingPlatform;
  readonly forwards: ForwardPlatform;
  shellSettings(): ShellSettings;

  /**
   * What containers that were removed within the last hour wrote last, merged by time. `container`: id or name.
   *
   * @throws ShoalError not-found, host-unreachable
   */
  previousLogs(
    of: Parameters<Platform['logs']>[0],
    wish: LogWish,
    signal: AbortSignal,
  ): Promise<AsyncIterable<readonly LogEntry[]>>;

  /** Calls back after changes, coalesced to at most 20 times a second; returns the unsubscribe function. */
  watch(onChange: (topics: ReadonlySet<Topic>) => void): () => void;
  /** Prometheus text. */
  metrics(): Promise<string>;
}
