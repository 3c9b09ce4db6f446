import type { Digest } from '../../../protocol/digest.ts';
import { ShoalError } from '../../../protocol/errors.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { nameInPath, parseResolvedImage, resolvedImage } from '../../../protocol/image-reference.ts';
import type { HostBlobs, HostTask, PullProgress } from '../../../protocol/schemas/host.ts';
import type { ImageSettings } from '../../../protocol/schemas/image.ts';
import { keys } from '../../core/catalog/keys.ts';
import type { Blobs } from '../../ports/blobs.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Engine } from '../../ports/engine.ts';
import type { Identity } from '../../ports/identity.ts';
import type { Log } from '../../ports/log.ts';
import type { Transport } from '../../ports/transport.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { CommandService } from '../commands/command-service.ts';
import type { Steward } from '../commands/steward.ts';
import type { EventRecorder } from '../events/event-recorder.ts';
import type { HostImages } from '../host/options.ts';
import type { MeshService } from '../mesh/mesh-service.ts';
import type { Actor } from '../platform.ts';
import type { MeshView } from '../view/mesh-view.ts';
import { ImageCalls } from './calls.ts';
import { Garbage } from './garbage.ts';
import { Holdings } from './holdings.ts';
import { ImageCatalog } from './image-catalog.ts';
import { ImageOperations } from './image-operations.ts';
import { ImagePeers } from './image-peers.ts';
import type { ImagePlatform } from './image-platform.ts';
import { ImageTasks } from './image-tasks.ts';
import { ImageViews } from './image-views.ts';
import { Keeper } from './keeper.ts';
import { LayerProgress } from './layer-progress.ts';
import { MeshRegistry } from './mesh-registry.ts';
import { Origins } from './origins.ts';
import { Prefetch } from './prefetch.ts';
import type { RegistryBackend } from './registry-backend.ts';
import { Replication } from './replication.ts';
import { ImageResolver } from './resolver.ts';
import type { Sealing } from './sealing.ts';
import { Swarm } from './swarm.ts';
import { Tracking } from './tracking.ts';
import { UpstreamImages } from './upstream-images.ts';

/** How often the store's size is looked at, and in which steps it is told: each change travels through the mesh. */
const USAGE_EVERY_MS = 5_000;
/** What this host holds is told again in full every minute and a half. */
const LOOKS_PER_REPEAT = 18;
const USAGE_STEP_BYTES = 16 * 1024 ** 2;

export interface ImagesParts {
  readonly identity: Identity;
  readonly blobs: Blobs;
  readonly transport: Transport;
  readonly mesh: Pick<MeshService, 'onSwarm'>;
  readonly catalog: Catalog;
  readonly view: MeshView;
  readonly commands: CommandService;
  readonly steward: Steward;
  readonly events: EventRecorder;
  readonly engine: Pick<Engine, 'pull' | 'findImage'>;
  readonly sealing: Sealing;
  readonly clock: Clock;
  readonly log: Log;
  /** `127.0.0.1:5000`: where this host's engine reaches the registry; undefined when it is off. */
  readonly registryHost: string | undefined;
  /** Whether this member knows enough to act. */
  readonly isReady: () => boolean;
  /** Whether it is sure to be with the others, so that it may delete for all. */
  readonly isInMajority: () => boolean;
  /** Whom an API token stands for. */
  readonly actorOf: (token: string) => Actor | undefined;
  /** The host record has to tell something new. */
  readonly changed: () => void;
}

/** Everything of images on this host: the registry's decisions, the swarm, copies, garbage. Wired here. */
export class Images implements HostImages {
  readonly registry: RegistryBackend;
  readonly platform: ImagePlatform;
  readonly #parts: ImagesParts;
  readonly #holdings: Holdings;
  readonly #swarm: Swarm;
  readonly #tracking: Tracking;
  readonly #keeper: Keeper;
  readonly #garbage: Garbage;
  readonly #tasks: ImageTasks;
  readonly #operations: ImageOperations;
  readonly #progress: LayerProgress;
  readonly #prefetch: Prefetch;
  readonly #incarnations = new Map<HostId, number>();
  #usage: HostBlobs | undefined;
  #incarnation = 0;
  #looks = 0;
  #stopLooking = () => {};
  #stopListening = () => {};

  constructor(parts: ImagesParts) {
    const { transport, catalog, view, clock, identity, sealing } = parts;
    this.#parts = parts;
    const log = parts.log.child({ part: 'images' });
    const images = new ImageCatalog(catalog);
    const peers = new ImagePeers({ hostId: identity.hostId, view, clock });
    const calls = new ImageCalls(transport);
    const common = { ...parts, log, images, peers, calls };
    const origins = new Origins(catalog, sealing);
    const holdings = new Holdings(common);
    const swarm = new Swarm({
      ...common,
      send: (to, message) => transport.send(to, message),
      heldBytes: (digest) => holdings.sizeOf(digest),
      onHeld: (digest, sizeBytes) => holdings.add(digest, sizeBytes),
    });
    const replication = new Replication({ ...common, holdings, swarm });
    const upstreams = new UpstreamImages({ ...common, origins });
    const garbage = new Garbage({ ...common, holdings, replication, onRemoved: (digest) => this.#removed(digest) });
    const ownHosts = parts.registryHost === undefined ? [] : [parts.registryHost];
    const resolver = new ImageResolver({
      images,
      upstreams,
      view,
      ownHosts,
      isOnOwnEngine: (reference, signal) => this.#isOnOwnEngine(reference, signal),
    });
    this.#holdings = holdings;
    this.#swarm = swarm;
    this.#garbage = garbage;
    this.#tracking = new Tracking({ ...common, origins, swarm });
    this.#keeper = new Keeper({ ...common, holdings, replication });
    this.#operations = new ImageOperations(common);
    this.#progress = new LayerProgress(images, holdings, swarm);
    this.#tasks = new ImageTasks({
      ...common,
      hostId: identity.hostId,
      garbage,
      pull: (...args) => this.#pull(...args),
    });
    this.#prefetch = new Prefetch({ ...common, swarm, holdings });
    this.registry = new MeshRegistry({
      ...common,
      prefetch: this.#prefetch,
      upstreams,
      holdings,
      swarm,
      replication,
      garbage,
    });
    this.platform = new ImageViews({ ...common, replication, resolver });
    calls.handle('images.transfers', async () => ({
      transfers: swarm
        .transfers()
        .slice(0, 256)
        .map((transfer) => ({ ...transfer, peers: transfer.peers.map((peer) => ({ ...peer })) })),
    }));
    parts.mesh.onSwarm((from, message) => void swarm.receive(from, message));
  }

  async start(): Promise<void> {
    const { blobs, clock } = this.#parts;
    this.#stopListening = blobs.onEvent((event) => {
      if (event.type === 'stored') return this.#holdings.add(event.digest, event.sizeBytes);
      this.#removed(event.digest);
      this.#keeper.wake();
    });
    await this.#holdings.start();
    await this.#look();
    this.#stopLooking = clock.every(USAGE_EVERY_MS, () => {
      this.#repeatIfMistaken();
      void this.#look();
    });
    await this.#applySettings();
    this.#keeper.start();
    this.#garbage.start();
    this.#operations.start();
  }

  stop(): void {
    this.#stopLooking();
    this.#stopListening();
    this.#tasks.stop();
    this.#operations.stop();
    this.#garbage.stop();
    this.#keeper.stop();
    this.#prefetch.stop();
    this.#tracking.stop();
    this.#swarm.stop();
    this.#holdings.stop();
  }

  /** As `HostImages.blobs`. */
  blobs(): HostBlobs | undefined {
    const { leftBytes } = this.#keeper;
    return this.#usage === undefined || leftBytes === undefined ? this.#usage : { ...this.#usage, leftBytes };
  }

  /** As `HostImages.tasks`. */
  tasks(): readonly HostTask[] {
    return this.#tasks.tasks();
  }

  /** As `HostImages.engineReference`: an engine gets what it runs from the registry of its own host. */
  engineReference(resolved: string): string | undefined {
    const { registryHost } = this.#parts;
    return registryHost === undefined ? undefined : `${registryHost}/${nameInPath(resolved)}`;
  }

  /** As `HostImages.progressOf`. */
  progressOf(resolved: string): PullProgress | undefined {
    const image = parseResolvedImage(resolved);
    return image === undefined ? undefined : this.#progress.of(image.repository, image.digest);
  }

  /** Somebody was admitted, evicted, or is alive or dead now. */
  membersChanged(): void {
    const { blobs, view, log } = this.#parts;
    blobs.setMembers([...view.memberIds()]).catch((error: unknown) => {
      log.error({ error }, 'the piece server could not be told who is a member');
    });
    this.#tracking.membersChanged();
    this.#holdings.membersChanged();
    this.#swarm.membersChanged();
    this.#keeper.wake();
  }

  /** What a member holds and wants is nothing to build on any more. */
  lost(hostId: HostId): void {
    this.#tracking.gone(hostId);
    this.#swarm.gone(hostId);
  }

  /** A member is alive; with a later incarnation its agent may have started anew and know nothing. */
  alive(hostId: HostId, incarnation: number): void {
    const before = this.#incarnations.get(hostId);
    this.#incarnations.set(hostId, incarnation);
    if (before !== undefined && before !== incarnation) this.#holdings.forgotten(hostId);
  }

  hostRecordChanged(): void {
    this.#operations.wake();
  }

  catalogChanged(families: ReadonlySet<string>): void {
    if (families.has('operations')) {
      this.#tasks.wake();
      this.#operations.wake();
    }
    if (families.has('manifests') || families.has('hosts')) this.#keeper.wake();
    if (families.has('settings')) void this.#applySettings();
  }

  async #isOnOwnEngine(reference: string, signal: AbortSignal): Promise<boolean> {
    try {
      return (await this.#parts.engine.findImage(reference, signal)) !== undefined;
    } catch (error) {
      if (!(error instanceof ShoalError)) throw error;
      return false;
    }
  }

  #removed(digest: Digest): void {
    this.#holdings.remove(digest);
    this.#swarm.removed(digest);
  }

  async #pull(...[image, onProgress, signal]: Parameters<ConstructorParameters<typeof ImageTasks>[0]['pull']>) {
    const reference = this.engineReference(resolvedImage(image.repository, image.digest));
    if (reference === undefined) {
      throw new ShoalError(
        'not-ready',
        'The registry of this host is off (SHOAL_REGISTRY_LISTEN), so nothing can be brought.',
      );
    }
    await this.#parts.engine.pull(
      reference,
      (told) => {
        const own = this.#progress.of(image.repository, image.digest);
        onProgress(own ?? { ...told, peers: 0 });
      },
      signal,
    );
  }

  async #applySettings(): Promise<void> {
    const { blobs, catalog, log } = this.#parts;
    const { uploadBytesPerS, downloadBytesPerS, originBytesPerS } =
      catalog.get<ImageSettings>(keys.imageSettings)?.value ?? {};
    try {
      await blobs.setCaps({ uploadBytesPerS, downloadBytesPerS, originBytesPerS });
    } catch (error) {
      log.error({ error }, 'the bounds for moving layers could not be set');
    }
  }

  /** Others took this host for dead and forgot what it holds, or their words to it got lost. */
  #repeatIfMistaken(): void {
    const { view, identity } = this.#parts;
    const incarnation = view.host(identity.hostId)?.incarnation ?? 0;
    this.#looks += 1;
    if (incarnation === this.#incarnation && this.#looks % LOOKS_PER_REPEAT !== 0) return;
    this.#incarnation = incarnation;
    this.#holdings.tellAll();
  }

  async #look(): Promise<void> {
    const { blobs, changed, log } = this.#parts;
    try {
      const { usedBytes, pinnedBytes, quotaBytes, diskFreeBytes } = await blobs.usage();
      const step = (bytes: number) => Math.round(bytes / USAGE_STEP_BYTES) * USAGE_STEP_BYTES;
      const usage: HostBlobs = {
        port: blobs.piecePort,
        usedBytes: step(usedBytes),
        pinnedBytes: step(pinnedBytes),
        quotaBytes,
        diskFreeBytes: Math.floor(diskFreeBytes / 2 ** 30) * 2 ** 30,
      };
      if (JSON.stringify(usage) === JSON.stringify(this.#usage)) return;
      this.#usage = usage;
      changed();
    } catch (error) {
      if (!(error instanceof ShoalError)) throw error;
      log.warn({ error }, 'the size of the blob store is not known');
    }
  }
}
