import { createHash, timingSafeEqual } from 'node:crypto';
import { ShoalError } from '../../protocol/errors.ts';
import type { ContainerId, HostId, MeshId, OperationId } from '../../protocol/ids.ts';
import type { Command, CommandOf } from '../../protocol/schemas/commands.ts';
import type { Container, Host, Member } from '../../protocol/schemas/host.ts';
import type { LogEntry } from '../../protocol/schemas/logs.ts';
import type {
  App,
  Cluster,
  CredentialRecord,
  Event,
  Group,
  MemberRecord,
  TokenRecord,
} from '../../protocol/schemas/model.ts';
import { isImageOperation, type Operation, type OperationRecord } from '../../protocol/schemas/operation.ts';
import type { Token } from '../../protocol/schemas/requests.ts';
import type { Version } from '../../protocol/schemas/version.ts';
import { may } from '../core/access/access.ts';
import { keys, prefixes } from '../core/catalog/keys.ts';
import { composeImageOperation } from '../core/model/image-operation-view.ts';
import { composeOperation } from '../core/model/operation-view.ts';
import { tokenView } from '../core/model/tokens.ts';
import { stewardOf } from '../core/rendezvous.ts';
import type { Catalog, Stored } from './catalog/catalog.ts';
import type { CommandService } from './commands/command-service.ts';
import type { HostCalls } from './host/host-calls.ts';
import type { ImagePlatform } from './images/image-platform.ts';
import type { TokenIssuer } from './join/token-issuer.ts';
import type { LogReader, LogWish } from './logs/log-reader.ts';
import type { Metrics } from './metrics.ts';
import type { Actor, CommandContext, CommandResult, Platform, Revisioned, ShellPlatform, Topic } from './platform.ts';
import type { MeshUsage } from './usage/mesh-usage.ts';
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
  readonly hosts: HostCalls;
  readonly tokens: TokenIssuer;
  readonly watchers: Watchers;
  readonly metrics: Metrics;
  readonly readiness: () => { readonly ready: boolean; readonly reason: string };
  /** Whether this member's disk takes nothing. */
  readonly isDiskFailing: () => boolean;
  readonly images: ImagePlatform;
  readonly logs: LogReader;
  readonly usage: MeshUsage;
  readonly shells: ShellPlatform;
}

type LogsOf = Parameters<Platform['logs']>[0];
const CONTAINER_PREFIX_MIN = 6;

/** The platform as this member sees and serves it: local reads, commands through their stewards. */
export class ShoalPlatform implements Platform {
  readonly hostId: HostId;
  readonly hostName: string;
  readonly meshId: MeshId;
  readonly agentVersion: string;
  readonly images: ImagePlatform;
  readonly shells: ShellPlatform;
  readonly #parts: ShoalPlatformParts;

  constructor(parts: ShoalPlatformParts) {
    this.#parts = parts;
    this.hostId = parts.hostId;
    this.hostName = parts.hostName;
    this.meshId = parts.meshId;
    this.agentVersion = parts.agentVersion;
    this.images = parts.images;
    this.shells = parts.shells;
  }

  readiness() {
    return this.#parts.readiness();
  }

  view() {
    const { view } = this.#parts;
    return { alive: view.aliveIds().length, members: view.memberIds().length, isolated: view.surroundings().isolated };
  }

  async authenticate(token: string): Promise<Actor | undefined> {
    const offered = createHash('sha256').update(token).digest();
    let actor: Actor | undefined;
    for (const { value } of this.#parts.catalog.list<CredentialRecord>(prefixes.credentials)) {
      const known = Buffer.from(value.secretHash, 'hex');
      if (known.length === offered.length && timingSafeEqual(known, offered))
        actor = { id: value.id, role: value.role };
    }
    return actor;
  }

  async run(command: Command, context: CommandContext): Promise<CommandResult> {
    if (this.#parts.view.isEvicted(this.hostId))
      throw new ShoalError('evicted', 'This host was evicted from the mesh; ask one of its members.');
    const access = may(context.actor, command.kind, {});
    if (!access.ok) throw new ShoalError('forbidden', access.detail);
    if (command.kind === 'container.power') return this.#power(command, context);
    if (this.#parts.isDiskFailing()) {
      throw new ShoalError('not-stored', `The disk of ${this.hostName} takes no writes; nothing was changed.`);
    }
    if (command.kind === 'token.create') return this.#parts.tokens.create(command, context);
    return this.#parts.commands.run(command, context);
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

  events(filter: { after?: string; group?: string; app?: string; host?: string } = {}): readonly Event[] {
    return this.#parts.catalog
      .list<Event>(prefixes.events)
      .map(({ value }) => value)
      .filter(
        (event) =>
          (filter.after === undefined || event.id > filter.after) &&
          (filter.group === undefined || event.group === filter.group) &&
          (filter.app === undefined || event.app === filter.app) &&
          (filter.host === undefined || event.host === filter.host || event.source === filter.host),
      );
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

  tokens(): readonly Token[] {
    return this.#parts.catalog.list<TokenRecord>(prefixes.tokens).map(({ value }) => tokenView(value));
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
    const steward = stewardOf(keys.app(record.group, record.app), view.aliveIds());
    const containers = hasSteps ? view.containersOf(record.group, record.app) : [];
    const named = containers.map((c) => ({ ...c, hostName: view.host(c.hostId)?.name ?? c.hostId }));
    return composeOperation(record, named, steward);
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
    return { body: this.container(command.containerId) ?? { ...container, phase: 'removing' }, replayed: false };
  }
}

const revisioned = <T>(stored: Stored<T>): Revisioned<T> => ({ item: stored.value, revision: stored.revision });
const maybe = <T>(stored: Stored<T> | undefined) => (stored === undefined ? undefined : revisioned(stored));
