import { ShoalError } from '../../../protocol/errors.ts';
import type { ContainerId, ReservationId } from '../../../protocol/ids.ts';
import type { HostRecord, UnmanagedContainer } from '../../../protocol/schemas/host.ts';
import { type ContainerIdentity, engineIdOf, type ManagedContainer } from '../../core/host/container.ts';
import type { NoteKind, PowerAction } from '../../core/host/messages.ts';
import type { AwardAnswer } from '../../core/placement/ledger.ts';
import type { Ask, Award, Bid } from '../../core/placement/types.ts';
import type { EngineEvent } from '../../ports/engine.ts';
import type { MachineFacts } from '../../ports/machine.ts';
import { Bidder, defaultPortRange, defaultReserveBytes } from './bidder.ts';
import { containerEventOf } from './container-events.ts';
import { ContainerFiles } from './container-files.ts';
import { Executor } from './executor.ts';
import { HealthChecker } from './health-checker.ts';
import type { HostDuties, PowerManner } from './host-calls.ts';
import { ImageFetcher } from './image-fetcher.ts';
import { sortInventory } from './inventory.ts';
import { identityOf, labelKeys } from './labels.ts';
import { type Inventory, Observer } from './observer.ts';
import { type HostAgentOptions, hostLabels } from './options.ts';
import { buildRecord, RecordFeed, type RecordListener } from './record.ts';
import { Roster } from './roster.ts';
import { WantedStates } from './wanted.ts';

/**
 * One host: bids for containers, runs what it was awarded, keeps it running, and says so in its record.
 *
 * The engine is the database: an agent that starts adopts what it finds, and one that stops leaves everything running.
 */
export class HostAgent implements HostDuties {
  readonly #options: HostAgentOptions;
  readonly #bidder: Bidder;
  readonly #files: ContainerFiles;
  readonly #executor: Executor;
  readonly #checker: HealthChecker;
  readonly #roster: Roster;
  readonly #observer: Observer;
  readonly #feed: RecordFeed;
  readonly #wanted: WantedStates;
  #facts: MachineFacts | undefined;
  #engine: 'unknown' | 'ready' | 'lost' = 'unknown';
  #engineVersion = '';
  #unmanaged: readonly UnmanagedContainer[] = [];
  #images: readonly string[] = [];
  #isStarted = false;

  constructor(options: HostAgentOptions) {
    const { engine, clock, log, machine, store, identity } = options;
    this.#options = options;
    this.#wanted = new WantedStates(store);
    this.#feed = new RecordFeed(clock, () => this.record());
    const changed = () => this.#feed.changed();
    const images = new ImageFetcher(engine, clock, options.images);
    this.#bidder = new Bidder({
      clock,
      machine,
      identity,
      portRange: options.portRange ?? defaultPortRange,
      labels: () => ({ ...this.#labels(), ...options.intent?.().labels }),
      isCordoned: () => options.intent?.().isCordoned ?? false,
      isEngineReady: () => this.#engine === 'ready',
      hasImage: async (image) => {
        const name = images.engineName(image);
        const look = images.has(name);
        // What was there at the last list is good enough for an offer; the look goes on, for the award that may follow.
        return this.#images.includes(name) || (await look) === true;
      },
      changed,
    });
    this.#files = new ContainerFiles({
      clock,
      disk: options.mountFiles,
      contentOf: options.contentOf,
      wanted: () => this.#roster.containers.flatMap(({ identity: { spec } }) => spec.files ?? []),
    });
    this.#executor = new Executor({
      engine,
      images,
      files: this.#files,
      meshId: identity.meshId,
      log,
      answer: ({ containerId }, event) => this.#roster.apply(containerId, event),
      farewell: async (container, engineId) => options.farewell?.(container, engineId),
      onLost: () => this.#observer.resyncSoon(),
    });
    this.#checker = new HealthChecker({
      engine,
      prober: options.prober,
      answer: ({ containerId }, event) => this.#roster.apply(containerId, event),
    });
    this.#roster = new Roster({
      clock,
      perform: (container, effect) =>
        effect.type === 'check' ? this.#checker.check(container, effect) : this.#executor.perform(container, effect),
      free: (container) => this.#free(container),
      note: (container, kind, message) => this.#note(container, kind, message),
      changed,
    });
    this.#observer = new Observer({
      engine,
      clock,
      log,
      mark: () => this.#roster.changes,
      onInventory: (inventory, mark, isAfterLoss) => this.#onInventory(inventory, mark, isAfterLoss),
      onEvent: (event) => this.#onEngineEvent(event),
      onState: (isReady) => this.#onEngineState(isReady),
    });
  }

  /** Adopts what runs already. Resolves also when the engine is away: then it goes on looking for it and refuses asks. */
  async start(): Promise<void> {
    const { machine, capacity = {} } = this.#options;
    const [facts] = await Promise.all([machine.facts(), this.#wanted.load()]);
    this.#facts = facts;
    const memoryBytes = capacity.memoryBytes ?? facts.memoryBytes;
    this.#bidder.start({
      memoryBytes,
      reserveBytes: capacity.reserveBytes ?? defaultReserveBytes(memoryBytes),
      cpuMilli: capacity.cpuMilli ?? facts.cores * 1_000,
    });
    await this.#observer.start();
    this.#isStarted = true;
    this.#feed.changed();
  }

  /** Lets go of everything; the containers run on. */
  stop(): void {
    this.#observer.stop();
    this.#executor.stop();
    this.#checker.stop();
    this.#roster.stop();
    this.#bidder.stop();
    this.#feed.stop();
  }

  /** Offers what it can hold for the auction, or refuses with the rule and the numbers. */
  ask(request: Ask): Promise<Bid> {
    return this.#bidder.ask(request);
  }

  /** What it would offer now; holds nothing. */
  quote(request: Ask): Promise<Bid> {
    return this.#bidder.quote(request);
  }

  /** Turns a reservation into containers on their way. Awarding the same again changes nothing. */
  award(request: Award): AwardAnswer {
    const answer = this.#bidder.award(request);
    if (!answer.ok) return answer;
    const replicas = new Map(request.assignments.map(({ containerId, replica }) => [containerId, replica]));
    for (const claim of answer.claims) {
      const replica = replicas.get(claim.containerId) ?? 0;
      this.#roster.add(identityOf(request, claim, replica, this.#options.clock.nowMs()));
    }
    return answer;
  }

  /** Gives an unused reservation back. */
  release(reservationId: ReservationId): void {
    this.#bidder.release(reservationId);
  }

  /** Stops it politely and removes it; resolves once that is under way. Absent is fine. */
  async remove(containerId: ContainerId, why: string): Promise<void> {
    this.#roster.apply(containerId, { type: 'remove', why });
  }

  /**
   * Starts, stops, restarts, kills or removes a container; resolves once that is wanted for good, not once it is done.
   *
   * @throws ShoalError not-found, conflict (it has failed), engine-unavailable (only kill needs the engine at once)
   */
  async power(containerId: ContainerId, action: PowerAction, { killSignal, why }: PowerManner = {}): Promise<void> {
    const { life, identity } = this.#get(containerId);
    if (action === 'remove') return this.remove(containerId, why ?? 'on request');
    if (life.phase === 'failed')
      throw new ShoalError('conflict', `${identity.name} has failed and can only be removed`);
    if (action === 'kill' && this.#engine !== 'ready') {
      throw new ShoalError('engine-unavailable', 'the Docker engine does not answer, so nothing can be killed');
    }
    if (action === 'stop') await this.#wanted.set(containerId, 'stopped');
    if (action === 'start' || action === 'restart') await this.#wanted.set(containerId, 'running');
    this.#roster.apply(containerId, {
      type: 'power',
      action,
      ...(killSignal === undefined ? {} : { signal: killSignal }),
    });
  }

  /** What the host says of itself now. */
  record(): HostRecord {
    const { identity, addresses, api } = this.#options;
    return buildRecord({
      identity,
      addresses: addresses?.() ?? [],
      api: api?.(),
      labels: this.#labels(),
      isEngineReady: this.#engine === 'ready',
      engineVersion: this.#engineVersion,
      memory: this.#bidder.memory,
      ledger: this.#bidder.ledger,
      containers: this.#roster.containers,
      unmanaged: this.#unmanaged,
      images: this.#images,
      blobs: this.#options.images?.blobs(),
      tasks: this.#options.images?.tasks() ?? [],
    });
  }

  /** Something that the record tells of has changed elsewhere. A record from before the first list would deny what runs. */
  changed(): void {
    if (this.#isStarted) this.#feed.changed();
  }

  /** Calls back with each new record and its canonical JSON, the first change at once and then at most 10 times a second. */
  onChange(listener: RecordListener): () => void {
    return this.#feed.listen(listener);
  }

  /** Something outside that the record shows has changed, such as the addresses. */
  refresh(): void {
    this.#feed.changed();
  }

  #get(containerId: ContainerId): ManagedContainer {
    const container = this.#roster.get(containerId);
    if (container !== undefined) return container;
    throw new ShoalError(
      'not-found',
      `there is no container ${containerId} on host ${this.#options.identity.hostName}`,
    );
  }

  #labels(): Readonly<Record<string, string>> {
    const { identity } = this.#options;
    return this.#facts === undefined ? identity.labels : hostLabels(identity, this.#facts, this.#engineVersion);
  }

  #onInventory(inventory: Inventory, mark: number, isAfterLoss: boolean): void {
    const { own, unmanaged, unmanagedPorts } = sortInventory(inventory.containers, this.#options.identity.meshId);
    this.#engineVersion = inventory.engineVersion ?? this.#engineVersion;
    this.#images = inventory.images ?? this.#images;
    this.#unmanaged = unmanaged;
    this.#bidder.setUnmanaged(unmanaged, unmanagedPorts);

    const strangers = [...own.values()].filter(({ identity }) => this.#roster.isNew(identity.containerId, mark));
    this.#bidder.adopt(strangers.map(({ identity }) => identity));
    this.#roster.reconcile(new Map([...own].map(([id, { sighting }]) => [id, sighting])), mark, isAfterLoss);
    for (const { identity, sighting } of strangers) {
      this.#roster.adopt(identity, sighting, this.#wanted.get(identity.containerId));
    }
    if (this.#engine === 'unknown') this.#save(this.#wanted.retain(new Set(own.keys())));
    // What an earlier agent left, too: now everything that is there is known.
    if (inventory.images !== undefined) this.#collectFiles();
    this.#feed.changed();
  }

  #onEngineEvent(event: EngineEvent): void {
    const id = this.#ownIdOf(event);
    if (id === undefined) {
      this.#observer.resyncSoon();
      return;
    }
    const meant = containerEventOf(event);
    if (meant !== undefined) this.#roster.apply(id, meant);
  }

  /** The container the event is about, if the roster has it and it is that very one. */
  #ownIdOf(event: EngineEvent): ContainerId | undefined {
    if (event.labels[labelKeys.mesh] !== this.#options.identity.meshId) return undefined;
    const container = this.#roster.get(event.labels[labelKeys.container] as ContainerId);
    if (container === undefined) return undefined;
    const engineId = engineIdOf(container.life);
    return engineId === undefined || engineId === event.engineId ? container.identity.containerId : undefined;
  }

  #onEngineState(isReady: boolean): void {
    const { onEvent, identity } = this.#options;
    const before = this.#engine;
    this.#engine = isReady ? 'ready' : 'lost';
    if (!isReady) {
      onEvent?.({ kind: 'engine.lost', message: `the Docker engine of ${identity.hostName} does not answer` });
    } else if (before === 'lost') {
      onEvent?.({ kind: 'engine.back', message: `the Docker engine of ${identity.hostName} answers again` });
    }
    this.#feed.changed();
  }

  #free(container: ContainerIdentity): void {
    this.#bidder.free(container);
    if (container.spec.files !== undefined) this.#collectFiles();
    this.#save(this.#wanted.set(container.containerId, 'running'));
  }

  #note(container: ContainerIdentity, kind: NoteKind, message: string): void {
    if (kind === 'container.failed') this.#bidder.failed(container);
    const { containerId, group, app, operationId } = container;
    this.#options.onEvent?.({ kind, message, container: containerId, group, app, operation: operationId });
  }

  /** What could not be removed is tried again with the next whole list. */
  #collectFiles(): void {
    this.#files.collect().catch((error: unknown) => {
      this.#options.log.warn({ error }, 'files that no container wants could not be removed');
    });
  }

  /** A wanted state that can't be deleted costs a few bytes; it is tried again at the next start. */
  #save(write: Promise<void>): void {
    write.catch((error: unknown) => this.#options.log.warn({ error }, 'a wanted state could not be deleted'));
  }
}
