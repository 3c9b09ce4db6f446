import { type ErrorCode, ShoalError } from '../../protocol/errors.ts';
import type { ContainerId, HostId, MeshId, OperationId } from '../../protocol/ids.ts';
import type { CapacityAnswer, CapacityRequest } from '../../protocol/schemas/capacity.ts';
import type { Command, CommandOf } from '../../protocol/schemas/commands.ts';
import type { Container, Host, Member } from '../../protocol/schemas/host.ts';
import type { LogEntry } from '../../protocol/schemas/logs.ts';
import type { App, Cluster, Event, Group, MemberRecord, TokenRecord } from '../../protocol/schemas/model.ts';
import {
  isImageOperation,
  isMoveOperation,
  type Move,
  type Operation,
  type OperationRecord,
} from '../../protocol/schemas/operation.ts';
import type { DeploymentPlan } from '../../protocol/schemas/plan.ts';
import type { ShellSettings } from '../../protocol/schemas/recording.ts';
import type { Credential, Token } from '../../protocol/schemas/requests.ts';
import type { Version } from '../../protocol/schemas/version.ts';
import type { VersionDiff } from '../../protocol/schemas/version-diff.ts';
import { may } from '../core/access/access.ts';
import { keys, prefixes } from '../core/catalog/keys.ts';
import { type Act, actOf } from '../core/model/act-events.ts';
import { composeImageOperation } from '../core/model/image-operation-view.ts';
import { composeOperation } from '../core/model/operation-view.ts';
import { shellDefaults } from '../core/model/shell-settings.ts';
import { tokenView } from '../core/model/tokens.ts';
import { diffVersions } from '../core/model/version-diff.ts';
import { composeMoves } from '../core/moves/view.ts';
import { stewardOf } from '../core/rendezvous.ts';
import type { Clock } from '../ports/clock.ts';
import type { Credentials } from './access/credentials.ts';
import type { Catalog, Stored } from './catalog/catalog.ts';
import type { CommandService } from './commands/command-service.ts';
import { type EventFilter, matchesEvent } from './events/event-filter.ts';
import type { EventRecorder } from './events/event-recorder.ts';
import type { FileContents } from './files/file-contents.ts';
import type { HostCalls } from './host/host-calls.ts';
import type { ImagePlatform } from './images/image-platform.ts';
import type { TokenIssuer } from './join/token-issuer.ts';
import type { LogReader, LogWish } from './logs/log-reader.ts';
import type { Metrics } from './metrics.ts';
import { seeMoves } from './moves/move-sight.ts';
import { rebalancePlan } from './moves/rebalance-plan.ts';
import type { DeploymentPlanner } from './planner/deployment-planner.ts';
import type {
  Actor,
  CommandContext,
  CommandResult,
  ForwardPlatform,
  PlanContext,
  Platform,
  RecordingPlatform,
  Revisioned,
  ShellPlatform,
  Topic,
} from './platform.ts';
import type { MeshUsage } from './usage/mesh-usage.ts';
import { capacityOf } from './view/capacity.ts';
import { hostItem } from './view/host-item.ts';
import type { MeshView } from './view/mesh-view.ts';
import type { Watchers } from './view/watchers.ts';

export interface ShoalPlatformParts {
  readonly hostId: HostId;
  readonly hostName: string;
  readonly meshId: MeshId;
  readonly agentVersion: string;
  readonly catalog: Catalog;
  readonly view: MeshView;
  readonly commands: CommandService;
  readonly planner: DeploymentPlanner;
  readonly files: Pick<FileContents, 'held'>;
  readonly hosts: HostCalls;
  readonly tokens: TokenIssuer;
  readonly credentials: Credentials;
  readonly watchers: Watchers;
  readonly metrics: Metrics;
  readonly readiness: () => { readonly ready: boolean; readonly reason: string };
  /** Whether this member's disk takes nothing. */
  readonly isDiskFailing: () => boolean;
  readonly images: ImagePlatform;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly clock: Clock;
  readonly logs: LogReader;
  readonly usage: MeshUsage;
  readonly shells: ShellPlatform;
  readonly recordings: RecordingPlatform;
  readonly forwards: ForwardPlatform;
}

type LogsOf = Parameters<Platform['logs']>[0];
const CONTAINER_PREFIX_MIN = 6;
/** Refusals that others want to know of: what was asked for is at odds with what is there. Mistyped requests are not. */
const WORTH_TELLING: ReadonlySet<ErrorCode> = new Set([
  'conflict',
  'in-progress',
  'precondition-failed',
  'quota-exceeded',
]);

/** The platform as this member sees and serves it: local reads, commands through their stewards. */
export class ShoalPlatform implements Platform {
  readonly hostId: HostId;
  readonly hostName: string;
  readonly meshId: MeshId;
  readonly agentVersion: string;
  readonly images: ImagePlatform;
  readonly shells: ShellPlatform;
  readonly recordings: RecordingPlatform;
  readonly forwards: ForwardPlatform;
  readonly #parts: ShoalPlatformParts;

  constructor(parts: ShoalPlatformParts) {
    this.#parts = parts;
    this.hostId = parts.hostId;
    this.hostName = parts.hostName;
    this.meshId = parts.meshId;
    this.agentVersion = parts.agentVersion;
    this.images = parts.images;
    this.shells = parts.shells;
    this.recordings = parts.recordings;
    this.forwards = parts.forwards;
  }

  readiness() {
    return this.#parts.readiness();
  }

  view() {
    const { view } = this.#parts;
    return { alive: view.aliveIds().length, members: view.memberIds().length, isolated: view.surroundings().isolated };
  }

  async authenticate(token: string): Promise<Actor | undefined> {
    return this.#parts.credentials.authenticate(token);
  }

  isRevoked(actor: Actor): boolean {
    return this.#parts.credentials.isRevoked(actor);
  }

  async plan(command: CommandOf<'app.deploy'>, context: PlanContext): Promise<DeploymentPlan> {
    this.#admit(command, context.actor);
    return this.#parts.planner.plan(command, context);
  }

  async run(command: Command, context: CommandContext): Promise<CommandResult> {
    this.#admit(command, context.actor);
    const act = this.#actOf(command); // before a host that leaves takes its name along
    try {
      const result = await this.#carryOut(command, context);
      if (!result.replayed) this.#tell(act, context.actor, result);
      return result;
    } catch (error) {
      if (error instanceof ShoalError && WORTH_TELLING.has(error.code)) this.#tellRefusal(act, context.actor, error);
      throw error;
    }
  }

  #admit({ kind }: Command, actor: Actor): void {
    if (this.#parts.view.isEvicted(this.hostId))
      throw new ShoalError('evicted', 'This host was evicted from the mesh; ask one of its members.');
    const access = may(actor, kind, {});
    if (!access.ok) throw new ShoalError('forbidden', access.detail);
  }

  async #carryOut(command: Command, context: CommandContext): Promise<CommandResult> {
    if (command.kind === 'container.power') return this.#power(command, context);
    if (this.#parts.isDiskFailing()) {
      throw new ShoalError('not-stored', `The disk of ${this.hostName} takes no writes; nothing was changed.`);
    }
    if (command.kind === 'token.create') return this.#parts.tokens.create(command, context);
    if (command.kind === 'credential.create') return this.#parts.credentials.create(command, context);
    return this.#parts.commands.run(command, context);
  }

  /** Who did what, once: by the member that took the request. */
  #tell(act: Act, { id: actor }: Actor, { operationId }: CommandResult): void {
    const operation = operationId === undefined ? {} : { operation: operationId };
    this.#parts.events.record({ ...act, actor, ...operation });
  }

  #tellRefusal(act: Act, { id: actor }: Actor, { message }: ShoalError): void {
    this.#parts.events.record({
      ...act,
      kind: `${act.kind}-refused`.slice(0, 64),
      message: `refused: ${act.message}: ${message}`,
      actor,
    });
  }

  #actOf(command: Command): Act {
    return actOf(command, (hostId) => this.#parts.view.host(hostId as HostId)?.name ?? hostId);
  }

  groups(): readonly Revisioned<Group>[] {
    return this.#parts.catalog.list<Group>(prefixes.groups).map(revisioned);
  }

  group(name: string): Revisioned<Group> | undefined {
    return maybe(this.#parts.catalog.get<Group>(keys.group(name)));
  }

  apps(group?: string): readonly Revisioned<App>[] {
    return this.#parts.catalog.list<App>(group === undefined ? prefixes.apps : prefixes.appsOf(group)).map(revisioned);
  }

  app(group: string, name: string): Revisioned<App> | undefined {
    return maybe(this.#parts.catalog.get<App>(keys.app(group, name)));
  }

  versions(group: string, app: string): readonly Version[] {
    return this.#parts.catalog.list<Version>(prefixes.versionsOf(group, app)).map(({ value }) => value);
  }

  diffVersions(group: string, app: string, from: number, to: number): VersionDiff | undefined {
    const [before, after] = [from, to].map(
      (number) => this.#parts.catalog.get<Version>(keys.version(group, app, number))?.value,
    );
    return before === undefined || after === undefined ? undefined : diffVersions(before, after);
  }

  file(group: string, app: string, sha256: string): Uint8Array | undefined {
    return this.#parts.files.held({ group, app, sha256 });
  }

  clusters(): readonly Revisioned<Cluster>[] {
    return this.#parts.catalog.list<Cluster>(prefixes.clusters).map(revisioned);
  }

  hosts(): readonly Host[] {
    return this.#parts.view.hosts().map((host) => hostItem(host, this.hostId));
  }

  host(idOrName: string): Host | undefined {
    return this.hosts().find((host) => host.id === idOrName || host.name === idOrName);
  }

  containers(filter: { group?: string; app?: string; host?: string } = {}): readonly Container[] {
    return this.#parts.view
      .containers()
      .filter(
        (c) =>
          (filter.group === undefined || c.group === filter.group) &&
          (filter.app === undefined || c.app === filter.app) &&
          (filter.host === undefined || c.hostId === filter.host || c.hostName === filter.host),
      );
  }

  container(idOrName: string): Container | undefined {
    const all = this.#parts.view.containers();
    const exact = all.find((c) => c.id === idOrName || c.name === idOrName);
    if (exact !== undefined || idOrName.length < CONTAINER_PREFIX_MIN) return exact;
    const matches = all.filter((c) => c.id.startsWith(idOrName));
    return matches.length === 1 ? matches[0] : undefined;
  }

  operations(filter: { group?: string; app?: string } = {}): readonly Operation[] {
    return this.#parts.catalog
      .list<OperationRecord>(prefixes.operations)
      .filter(
        ({ value }) =>
          (filter.group === undefined || ('group' in value && value.group === filter.group)) &&
          (filter.app === undefined || ('app' in value && value.app === filter.app)),
      )
      .map(({ value }) => this.#compose(value, value.state === 'running'));
  }

  operation(id: string): Operation | undefined {
    const stored = this.#parts.catalog.get<OperationRecord>(keys.operation(id as OperationId));
    return stored === undefined ? undefined : this.#compose(stored.value, true);
  }

  events(filter: EventFilter = {}): readonly Event[] {
    const isWanted = matchesEvent(filter);
    return this.#parts.catalog.list<Event>(prefixes.events).flatMap(({ value }) => (isWanted(value) ? [value] : []));
  }

  members(): readonly Member[] {
    const { catalog, view } = this.#parts;
    return catalog.list<MemberRecord>(prefixes.members).map(({ value }) => {
      const host = view.host(value.hostId as HostId);
      return {
        hostId: value.hostId as HostId,
        name: host?.name ?? value.name,
        addresses: [...view.addressesOf(value.hostId as HostId)],
        status: view.isEvicted(value.hostId) ? 'evicted' : (host?.status ?? 'dead'),
        joinedAt: value.joinedAt,
        joinedWith: value.joinedWith,
      };
    });
  }

  capacity(asked: CapacityRequest): CapacityAnswer {
    return capacityOf(this.#parts, asked);
  }

  rebalancePlan(maxMoves: number): readonly Move[] {
    return rebalancePlan(this.#parts, maxMoves);
  }

  tokens(): readonly Token[] {
    return this.#parts.catalog.list<TokenRecord>(prefixes.tokens).map(({ value }) => tokenView(value));
  }

  credentials(): readonly Credential[] {
    return this.#parts.credentials.list();
  }

  logs(of: LogsOf, wish: LogWish, signal: AbortSignal): AsyncIterable<readonly LogEntry[]> {
    const chosen = (): readonly Container[] => {
      if (!('container' in of)) {
        return this.containers(of).filter(({ replica }) => of.replica === undefined || replica === of.replica);
      }
      const container = this.container(of.container);
      return container === undefined ? [] : [container];
    };
    const onChange = (callback: () => void) =>
      this.watch((topics) => {
        if (topics.has('containers')) callback();
      });
    return this.#parts.logs.read(chosen, wish, onChange, signal);
  }

  previousLogs(of: LogsOf, wish: LogWish, signal: AbortSignal): Promise<AsyncIterable<readonly LogEntry[]>> {
    return this.#parts.logs.previous('container' in of ? { containerId: of.container } : of, wish, signal);
  }

  shellSettings(): ShellSettings {
    return this.#parts.catalog.get<ShellSettings>(keys.shellSettings)?.value ?? shellDefaults;
  }

  usage() {
    return this.#parts.usage.now();
  }

  usageHistory(...[{ host, container }, range]: Parameters<Platform['usageHistory']>) {
    const of = container === undefined ? {} : { containerId: container as ContainerId };
    return this.#parts.usage.history(host, { ...of, ...range });
  }

  watch(onChange: (topics: ReadonlySet<Topic>) => void): () => void {
    return this.#parts.watchers.watch(onChange);
  }

  metrics(): Promise<string> {
    return this.#parts.metrics.text();
  }

  /** A list shows step by step only what is under way. */
  #compose(record: OperationRecord, hasSteps: boolean): Operation {
    const { view } = this.#parts;
    if (isImageOperation(record)) {
      const shown = composeImageOperation(
        record,
        (hostId) => view.host(hostId),
        stewardOf(keys.imageSettings, view.aliveIds()),
      );
      return hasSteps ? shown : { ...shown, steps: [] };
    }
    if (isMoveOperation(record)) {
      const stewardKey = record.hostId === undefined ? keys.rebalance : keys.host(record.hostId);
      const nameOf = (hostId: HostId) => view.host(hostId)?.name ?? hostId;
      const sight = { ...seeMoves(record, this.#parts, this.#parts.clock.nowMs()), nameOf };
      const shown = composeMoves(record, sight, stewardOf(stewardKey, view.aliveIds()));
      return hasSteps ? shown : { ...shown, steps: [] };
    }
    const steward = stewardOf(keys.app(record.group, record.app), view.aliveIds());
    const containers = hasSteps ? view.containersOf(record.group, record.app) : [];
    const named = containers.map((c) => ({ ...c, hostName: view.host(c.hostId)?.name ?? c.hostId }));
    const app = this.#parts.catalog.get<App>(keys.app(record.group, record.app))?.value;
    const deployment = app?.deployments.find(({ operationId }) => operationId === record.id);
    return composeOperation(record, named, { steward, deployment });
  }

  async #power(command: CommandOf<'container.power'>, context: CommandContext): Promise<CommandResult> {
    const container = this.container(command.containerId);
    if (container === undefined || container.group !== command.group || container.app !== command.app) {
      throw new ShoalError(
        'not-found',
        `No container ${command.containerId} of ${command.group}/${command.app} is known.`,
      );
    }
    if (container.hostStatus === 'dead' || container.hostStatus === 'left') {
      throw new ShoalError(
        'host-unreachable',
        `Its host ${container.hostName} is ${container.hostStatus}; nothing was done.`,
      );
    }
    await this.#parts.hosts.power(container.hostId, container.id, command.action, {
      killSignal: command.signal,
      signal: context.signal,
    });
    const body = this.container(command.containerId) ?? { ...container, phase: 'removing' };
    return { body, isNew: false, replayed: false };
  }
}

const revisioned = <T>(stored: Stored<T>): Revisioned<T> => ({ item: stored.value, revision: stored.revision });
const maybe = <T>(stored: Stored<T> | undefined) => (stored === undefined ? undefined : revisioned(stored));
