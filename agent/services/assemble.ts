import type { HostId, MeshId } from '../../protocol/ids.ts';
import type { Group } from '../../protocol/schemas/model.ts';
import type { ShellSettings } from '../../protocol/schemas/recording.ts';
import { keys } from '../core/catalog/keys.ts';
import { isRecorded } from '../core/model/shell-settings.ts';
import type { Blobs } from '../ports/blobs.ts';
import type { Clock } from '../ports/clock.ts';
import type { Collectors } from '../ports/collector.ts';
import type { Engine } from '../ports/engine.ts';
import type { Folder } from '../ports/folder.ts';
import type { Identity } from '../ports/identity.ts';
import type { Log } from '../ports/log.ts';
import type { Machine } from '../ports/machine.ts';
import type { MountFiles } from '../ports/mount-files.ts';
import type { Prober } from '../ports/prober.ts';
import type { Store } from '../ports/store.ts';
import type { Transport } from '../ports/transport.ts';
import type { UsageMeter } from '../ports/usage-meter.ts';
import { Credentials } from './access/credentials.ts';
import { Auctioneer } from './auction/auctioneer.ts';
import { LocalCatalog } from './catalog/local-catalog.ts';
import { Replicator } from './catalog/replicator.ts';
import { CommandService } from './commands/command-service.ts';
import { Steward } from './commands/steward.ts';
import { FleetController } from './controller/fleet-controller.ts';
import { OperationWriter } from './controller/operation-writer.ts';
import { EventRecorder } from './events/event-recorder.ts';
import { FileContents } from './files/file-contents.ts';
import { LogForwarding } from './forward/log-forwarding.ts';
import { MeshForwards } from './forward/mesh-forwards.ts';
import { HostAgent } from './host/host-agent.ts';
import { HostCalls } from './host/host-calls.ts';
import type { HostAgentOptions } from './host/options.ts';
import { Images } from './images/images.ts';
import type { RegistryBackend } from './images/registry-backend.ts';
import { Sealing } from './images/sealing.ts';
import { JoinService } from './join/join-service.ts';
import { TokenIssuer } from './join/token-issuer.ts';
import { LastOutputs } from './logs/last-output.ts';
import { LogReader } from './logs/log-reader.ts';
import { LogSource } from './logs/log-source.ts';
import type { LoadedMesh } from './mesh/mesh-disk.ts';
import { MeshService } from './mesh/mesh-service.ts';
import { Metrics } from './metrics.ts';
import { MoveController } from './moves/move-controller.ts';
import { DeploymentPlanner } from './planner/deployment-planner.ts';
import { Reactions } from './reactions.ts';
import { Readiness } from './readiness.ts';
import { MeshRecordings } from './recordings/mesh-recordings.ts';
import { Recordings } from './recordings/recordings.ts';
import { Leftovers } from './shell/leftovers.ts';
import { MeshShells } from './shell/mesh-shells.ts';
import { ShellCalls } from './shell/shell-calls.ts';
import { Shells } from './shell/shells.ts';
import { ShoalPlatform } from './shoal-platform.ts';
import { MeshUsage } from './usage/mesh-usage.ts';
import { UsageSampler } from './usage/sampler.ts';
import { HostLoss } from './view/host-loss.ts';
import { MeshView } from './view/mesh-view.ts';
import { Watchers } from './view/watchers.ts';

/** The outside world of one agent. */
export interface Adapters {
  readonly meshId: MeshId;
  readonly name: string;
  readonly agentVersion: string;
  readonly identity: Identity;
  readonly store: Store;
  readonly transport: Transport;
  readonly engine: Engine;
  readonly machine: Machine;
  readonly prober: Prober;
  readonly mountFiles: MountFiles;
  readonly meter: UsageMeter;
  readonly disk: LoadedMesh;
  readonly clock: Clock;
  readonly log: Log;
  readonly zone: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly capacity: NonNullable<HostAgentOptions['capacity']>;
  readonly portRange: NonNullable<HostAgentOptions['portRange']>;
  readonly api: NonNullable<HostAgentOptions['api']>;
  readonly blobs: Blobs;
  /** `127.0.0.1:5000`: where this host's engine reaches the mesh's registry; undefined when it is off. */
  readonly registryHost: string | undefined;
  /** Opens secrets of the catalog; undefined on a host that was given none. */
  readonly meshKey: Uint8Array | undefined;
  readonly folders: Folders;
  readonly collectors: Collectors;
}

/** Folders of this host's disk, by what is in them. */
interface Folders {
  readonly recordings: Folder;
  /** Last output of removed containers. */
  readonly lastOutput: Folder;
  /** Lines that wait to be forwarded. */
  readonly forward: Folder;
}

/** The services of one agent, wired. */
export interface Services {
  readonly platform: ShoalPlatform;
  /** For the registry's HTTP side. */
  readonly registry: RegistryBackend;
  start(): Promise<void>;
  /** Reverse order; containers go on. */
  stop(): Promise<void>;
}

/** Wires the services. Nothing runs until `start`. */
export function assemble(adapters: Adapters): Services {
  const { transport, clock, log, meshId, identity } = adapters;
  const hostId: HostId = identity.hostId;
  const mesh = new MeshService(adapters);
  const catalog = new LocalCatalog({ mesh, clock, log });
  const view = new MeshView({ catalog, liveness: mesh, clock });
  const events = new EventRecorder({ catalog, clock, log, hostId });
  const replicator = new Replicator({ transport, catalog, others: () => othersByZone(view, hostId), log });
  const isReady = () => mesh.isCaughtUp() && !view.isEvicted(hostId);
  const steward = new Steward({ catalog, replicator, clock, isReady });
  const commands = new CommandService({ transport, catalog, view, steward, clock });
  const sealing = new Sealing(adapters.meshKey);
  const images = new Images({
    ...adapters,
    mesh,
    catalog,
    view,
    commands,
    steward,
    events,
    sealing,
    isReady,
    isInMajority: () => {
      const { isolated, majority, unseenMs } = view.surroundings();
      return majority && !isolated && unseenMs === undefined && mesh.hasEveryRecord();
    },
    actorOf: (token) => credentials.authenticate(token),
    changed: () => host.changed(),
  });
  const files = new FileContents({ transport, catalog, aliveIds: () => view.aliveIds(), clock });
  const lastOutputs = new LastOutputs({ ...adapters, folder: adapters.folders.lastOutput });
  const host: HostAgent = new HostAgent({
    ...adapters,
    images,
    contentOf: (file, signal) => files.fetch(file, signal),
    identity: { ...adapters, hostId, hostName: adapters.name },
    addresses: () => transport.addresses(),
    intent: () => {
      const self = view.intentOf(hostId);
      return { labels: self?.labels ?? {}, isCordoned: self?.cordoned ?? false };
    },
    onEvent: (event) => events.record({ ...event, host: hostId }),
    farewell: ({ containerId, name: container, group, app, replica }, engineId) =>
      lastOutputs.keep({ containerId, container, group, app, replica }, engineId),
  });
  const hosts = new HostCalls(transport, host);
  const auctioneer = new Auctioneer({ hostId, view, hosts, clock, log });
  const operations = new OperationWriter({ catalog, steward, events, clock });
  const controlled = {
    ...{ catalog, view, hosts, events, clock, log, selfId: hostId },
    isReady: () => isReady() && mesh.hasEveryRecord(),
  };
  const controller = new FleetController({ ...controlled, auctioneer, operations });
  const moves = new MoveController({ ...controlled, steward });
  const join = new JoinService({
    meshId,
    transport,
    commands,
    catalog,
    view,
    events,
    clock,
    log,
    meshKey: adapters.meshKey,
  });
  const credentials = new Credentials({ catalog, commands });
  const tokens = new TokenIssuer({ meshId, hostId, commands, catalog, view, addresses: () => transport.addresses() });
  const watchers = new Watchers(clock, log);
  const losses = new HostLoss(watchers, view);
  const containers = () => view.recordOf(hostId)?.containers ?? [];
  const find = (id: string) => containers().find((container) => container.id === id);
  const own = { ...adapters, events, hostId, hostName: adapters.name, find, containers };
  const leftovers = new Leftovers(own);
  const recordings = new Recordings({ ...own, folder: adapters.folders.recordings });
  const shells = new Shells({
    ...own,
    isRevoked: (holder) => credentials.isRevoked(holder),
    leftovers,
    recordings,
    isRecorded: (group) =>
      isRecorded(catalog.get<Group>(keys.group(group))?.value, catalog.get<ShellSettings>(keys.shellSettings)?.value),
  });
  const sampler = new UsageSampler(own);
  const source = new LogSource({ ...own, lastOutputs });
  const logs = new LogReader({
    ...{ transport, source, clock, losses, view, lastOutputs },
    container: (id) => platform.container(id),
  });
  const forwarding = new LogForwarding({ ...own, catalog, source, sealing, folder: adapters.folders.forward });
  const readiness = new Readiness({ hostId, view, mesh });
  const platform: ShoalPlatform = new ShoalPlatform({
    hostId,
    hostName: adapters.name,
    meshId,
    agentVersion: adapters.agentVersion,
    catalog,
    view,
    commands,
    planner: new DeploymentPlanner({ hostId, catalog, view, auctioneer, clock }),
    files,
    hosts,
    tokens,
    credentials,
    watchers,
    metrics: new Metrics({ view, transport, catalog, mesh, blobs: adapters.blobs, sampler, shells, forwarding }),
    readiness: () => readiness.now(),
    isDiskFailing: () => mesh.isDiskFailing(),
    images: images.platform,
    events,
    clock,
    logs,
    usage: new MeshUsage({ transport, sampler, view, containers: () => platform.containers() }),
    shells: new MeshShells(new ShellCalls(transport, shells, losses), (id) => platform.container(id)),
    recordings: new MeshRecordings({ transport, own: recordings, view, losses }),
    forwards: new MeshForwards({ transport, catalog, view, own: forwarding, sealing }),
  });
  const reactions = new Reactions({
    mesh,
    catalog,
    view,
    transport,
    controller,
    moves,
    host,
    images,
    shells,
    events,
    watchers,
    hostId,
    log,
  });

  return {
    platform,
    registry: images.registry,
    async start() {
      mesh.start(reactions);
      reactions.membersChanged();
      await transport.start({
        isMember: (peer) => view.isMember(peer),
        isJoinOpen: () => join.isOpen(),
        addressesOf: (peer) => view.addressesOf(peer),
        farewell: (peer) => reactions.farewell(peer),
      });
      host.onChange((record, json) => void mesh.publishHost(record, json));
      await images.start();
      await host.start();
      controller.start();
      moves.start();
      sampler.start();
      lastOutputs.start();
      forwarding.start();
      void leftovers.start();
    },
    async stop() {
      // Last in, first out; each one, whatever becomes of the others.
      await using stopping = new AsyncDisposableStack();
      stopping.defer(() => transport.stop());
      stopping.defer(() => mesh.stop());
      stopping.defer(() => watchers.stop());
      stopping.defer(() => events.stop());
      stopping.defer(() => images.stop());
      stopping.defer(() => host.stop());
      stopping.defer(() => controller.stop());
      stopping.defer(() => moves.stop());
      stopping.defer(() => shells.stop());
      stopping.defer(() => leftovers.stop());
      stopping.defer(() => forwarding.stop());
      stopping.defer(() => lastOutputs.stop());
      stopping.defer(() => sampler.stop());
      stopping.defer(() => auctioneer.stop());
    },
  };
}

/** Other alive members: those of other zones first, for a second copy is to survive what takes a zone; suspects last. */
function othersByZone(view: MeshView, self: HostId): readonly HostId[] {
  const ownZone = view.recordOf(self)?.zone ?? '';
  const badness = (hostId: HostId): number => {
    const host = view.host(hostId);
    return (host?.status === 'alive' ? 0 : 2) + (host?.record?.zone === ownZone ? 1 : 0);
  };
  return view
    .aliveIds()
    .filter((hostId) => hostId !== self)
    .sort((a, b) => badness(a) - badness(b));
}
