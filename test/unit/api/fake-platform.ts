import { may } from '../../../agent/core/access/access.ts';
import { keys } from '../../../agent/core/catalog/keys.ts';
import { credentialView } from '../../../agent/core/model/credentials.ts';
import { composeImageOperation, type SeenHost } from '../../../agent/core/model/image-operation-view.ts';
import { composeOperation } from '../../../agent/core/model/operation-view.ts';
import { tokenView } from '../../../agent/core/model/tokens.ts';
import { diffVersions } from '../../../agent/core/model/version-diff.ts';
import { composeMoves } from '../../../agent/core/moves/view.ts';
import type {
  Actor,
  CommandContext,
  CommandResult,
  PlanContext,
  Platform,
  ShellPlatform,
  Topic,
} from '../../../agent/services/platform.ts';
import { ShoalError } from '../../../protocol/errors.ts';
import type { HostId, MeshId } from '../../../protocol/ids.ts';
import type { CapacityAnswer } from '../../../protocol/schemas/capacity.ts';
import type { Command, CommandOf } from '../../../protocol/schemas/commands.ts';
import type { FileRecord } from '../../../protocol/schemas/file.ts';
import type { Container, Host } from '../../../protocol/schemas/host.ts';
import type { LogEntry } from '../../../protocol/schemas/logs.ts';
import type {
  App,
  Cluster,
  CredentialRecord,
  Deployment,
  Event,
  Group,
  MemberRecord,
  TokenRecord,
} from '../../../protocol/schemas/model.ts';
import {
  type AppOperationRecord,
  isAppOperation,
  isImageOperation,
  type Move,
  type OperationRecord,
} from '../../../protocol/schemas/operation.ts';
import type { DeploymentPlan } from '../../../protocol/schemas/plan.ts';
import type { Version } from '../../../protocol/schemas/version.ts';
import { hostA, newWorld, type World } from '../model/world.ts';
import { FakeImages } from './fake-images.ts';

export const ADMIN_TOKEN = 'shoal_secret-of-the-admin';
export const GUEST_TOKEN = 'shoal_secret-of-a-guest';

/** A mesh in one object: commands are decided by the real core on a catalog in memory; hosts and containers are given. */
export class FakePlatform implements Platform {
  readonly hostId: HostId = hostA;
  readonly hostName: string = 'h1';
  readonly meshId = 'mesh-1' as MeshId;
  readonly agentVersion = '0.0.0-test';
  readonly world: World = worldWithCredentials();
  readonly images = new FakeImages(this.world);
  readonly allHosts: Host[] = [];
  readonly allContainers: Container[] = [];
  readonly allEvents: Event[] = [];
  readonly moves: Move[] = [];
  /** Every command that was run, and in which context. */
  readonly commands: { readonly command: Command; readonly context: CommandContext }[] = [];
  ready = { ready: true, reason: 'ready' };
  readonly #watchers = new Set<(topics: ReadonlySet<Topic>) => void>();
  readonly #answers = new Map<string, CommandResult>();
  readonly #revisions = new Map<string, number>();

  get watchers(): number {
    return this.#watchers.size;
  }

  usage: Platform['usage'] = async () => ({ hosts: [], containers: [], missing: [] });
  usageHistory: Platform['usageHistory'] = async () => {
    throw new ShoalError('not-found', 'nothing is known');
  };
  /** Set by tests of shells. */
  shells = {} as ShellPlatform;
  recordings = {} as Platform['recordings'];
  forwards = {} as Platform['forwards'];
  shellSettings: Platform['shellSettings'] = () => ({ recordShells: 'off' });
  previousLogs: Platform['previousLogs'] = async (...asked) => this.logs(...asked);
  /** Entries of every log. */
  readonly logEntries: LogEntry[] = [];
  /** What was asked of logs. */
  readonly logsAsked: Parameters<Platform['logs']>[] = [];

  async *logs(...asked: Parameters<Platform['logs']>): AsyncIterable<readonly LogEntry[]> {
    this.logsAsked.push(asked);
    yield this.logEntries;
  }

  change(...topics: Topic[]): void {
    for (const watcher of this.#watchers) watcher(new Set(topics));
  }

  readiness() {
    return this.ready;
  }

  view() {
    return { alive: 2, members: 3, isolated: false };
  }

  async authenticate(token: string): Promise<Actor | undefined> {
    if (token === GUEST_TOKEN) return { id: 'grafana', role: 'guest' };
    return token === ADMIN_TOKEN ? { id: 'admin', role: 'admin' } : undefined;
  }

  isRevoked(actor: Actor): boolean {
    return !this.credentials().some(({ id }) => id === actor.id);
  }

  async run(command: Command, context: CommandContext): Promise<CommandResult> {
    this.commands.push({ command, context });
    const known = context.idempotencyKey === undefined ? undefined : this.#answers.get(context.idempotencyKey);
    if (known !== undefined) return { ...known, replayed: true };
    if (command.kind === 'container.power') {
      return { body: this.container(command.containerId), isNew: false, replayed: false };
    }
    const access = may(context.actor, command.kind, {});
    if (!access.ok) throw new ShoalError('forbidden', access.detail);
    const verdict = this.world.ask(command);
    if (!verdict.ok) throw new ShoalError(verdict.code, verdict.detail, { faults: verdict.faults });
    if (context.ifMatch !== undefined && this.#revisionOf(verdict.primaryKey) !== context.ifMatch) {
      throw new ShoalError('precondition-failed', 'changed meanwhile');
    }
    const isNew = !this.#revisions.has(verdict.primaryKey);
    this.world.apply(verdict.writes);
    for (const { key } of verdict.writes) this.#revisions.set(key, (this.#revisions.get(key) ?? 0) + 1);
    const result: CommandResult = {
      body: bodyOf(command, verdict.body),
      revision: this.#revisionOf(verdict.primaryKey),
      isNew,
      replayed: false,
      ...(verdict.operation === undefined ? {} : { operationId: verdict.operation.id }),
    };
    if (context.idempotencyKey !== undefined) this.#answers.set(context.idempotencyKey, result);
    return result;
  }

  groups = () => this.#list<Group>('groups/');
  group = (name: string) => this.groups().find(({ item }) => item.name === name);
  apps = (group?: string) => this.#list<App>(group === undefined ? 'apps/' : `apps/${group}/`);
  app = (group: string, name: string) => this.apps(group).find(({ item }) => item.name === name);
  versions = (group: string, app: string) => this.#list<Version>(`versions/${group}/${app}/`).map(({ item }) => item);
  diffVersions = (group: string, app: string, from: number, to: number) => {
    const [before, after] = [from, to].map((number) => this.versions(group, app).find((v) => v.number === number));
    return before === undefined || after === undefined ? undefined : diffVersions(before, after);
  };
  file = (group: string, app: string, sha256: string) => {
    const record = this.world.get<FileRecord>(keys.file(group, app, sha256));
    return record === undefined ? undefined : Buffer.from(record.contentBase64, 'base64');
  };
  clusters = () => this.#list<Cluster>('clusters/');
  hosts = () => this.allHosts;
  host = (idOrName: string) => this.allHosts.find(({ id, name }) => id === idOrName || name === idOrName);
  containers = ({ app }: { readonly app?: string } = {}) =>
    this.allContainers.filter((container) => app === undefined || container.app === app);
  container = (idOrName: string) => this.allContainers.find(({ id, name }) => id === idOrName || name === idOrName);
  operations = ({ app }: { readonly app?: string } = {}) =>
    this.#list<OperationRecord>('operations/')
      .filter(({ item }) => app === undefined || ('app' in item && item.app === app))
      .map(({ item }) =>
        isImageOperation(item)
          ? composeImageOperation(item, (hostId) => this.#seen(hostId))
          : isAppOperation(item)
            ? composeOperation(item, this.allContainers, { deployment: this.#deploymentOf(item) })
            : composeMoves(item, {
                containers: [],
                stuck: new Map(),
                host: undefined,
                nowMs: 0,
                nameOf: (hostId) => hostId,
              }),
      );
  /** Every plan that was asked for. */
  readonly plans: { readonly command: CommandOf<'app.deploy'>; readonly withGroup: boolean }[] = [];

  plan = async (command: CommandOf<'app.deploy'>, { withGroup }: PlanContext): Promise<DeploymentPlan> => {
    this.plans.push({ command, withGroup });
    const { cluster, replicas = 1 } = command;
    return { cluster, version: 1, isNewVersion: true, replicas, fits: true, auctions: [], removals: [] };
  };

  capacity = (): CapacityAnswer => ({ memoryBytes: 0, cpuMilli: 0, cluster: 'default', total: 0, hosts: [] });
  rebalancePlan = () => this.moves;
  operation = (id: string) => this.operations().find((operation) => operation.id === id);
  events = ({ after, app }: { readonly after?: string; readonly app?: string } = {}) =>
    this.allEvents
      .filter((event) => (after === undefined || event.id > after) && (app === undefined || event.app === app))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  members = () =>
    this.#list<MemberRecord>('members/').map(({ item }) => ({
      ...item,
      hostId: item.hostId as HostId,
      status: 'alive' as const,
    }));
  tokens = () => this.#list<TokenRecord>('tokens/').map(({ item }) => tokenView(item));
  credentials = () => this.#list<CredentialRecord>('credentials/').map(({ item }) => credentialView(item));

  watch(onChange: (topics: ReadonlySet<Topic>) => void): () => void {
    this.#watchers.add(onChange);
    return () => this.#watchers.delete(onChange);
  }

  async metrics(): Promise<string> {
    return 'shoal_members 3\n';
  }

  #deploymentOf({ id, group, app }: AppOperationRecord): Deployment | undefined {
    return this.app(group, app)?.item.deployments.find(({ operationId }) => operationId === id);
  }

  /** Tasks are not part of what the API shows of a host. */
  #seen(hostId: HostId): SeenHost | undefined {
    const host = this.allHosts.find(({ id }) => id === hostId);
    return host === undefined ? undefined : { name: host.name, status: host.status, record: undefined };
  }

  #revisionOf(key: string): string {
    return String(this.#revisions.get(key) ?? 0);
  }

  #list<T>(prefix: string) {
    return this.world.list<T>(prefix).map(({ key, value }) => ({ item: value, revision: this.#revisionOf(key) }));
  }
}

/** Those whose tokens are let in. */
function worldWithCredentials(): World {
  const world = newWorld();
  const about = { secretHash: '', createdAt: '2030-01-01T00:00:00.000Z' };
  world.apply([
    { key: keys.credential('admin'), value: { id: 'admin', role: 'admin', ...about } },
    { key: keys.credential('grafana'), value: { id: 'grafana', role: 'guest', ...about } },
  ]);
  return world;
}

/** What the shell adds to the answer, once. */
function bodyOf({ kind }: Command, body: object): object {
  if (kind === 'token.create') return { ...body, token: 'shoal-join-secret' };
  return kind === 'credential.create' ? { ...body, token: 'shoal_new' } : body;
}
