import { ShoalError } from '../../../protocol/errors.ts';
import type { MeshId } from '../../../protocol/ids.ts';
import type { HealthSpec } from '../../../protocol/schemas/version.ts';
import { type Call, type ContainerIdentity, NO_CALL } from '../../core/host/container.ts';
import { healthDefaults } from '../../core/host/health-check.ts';
import type { ContainerEvent, Effect } from '../../core/host/messages.ts';
import { STOP_GRACE_MS } from '../../core/host/moves.ts';
import type { CreateContainer, Engine } from '../../ports/engine.ts';
import type { Log } from '../../ports/log.ts';
import type { ContainerFiles } from './container-files.ts';
import type { ImageFetcher } from './image-fetcher.ts';
import { encodeLabels } from './labels.ts';
import { Limiter } from './limiter.ts';

/** Bytes of a container's output that the engine keeps, in all of its files. */
const LOG_MAX_BYTES = 10 * 1024 ** 2;

/** Creates and starts at once. An engine starts about that many per second and more only make each other time out. */
const RISING_MAX = 32;
/** Stops and removals at once. Most of their time is the container's own grace. */
const FALLING_MAX = 128;
const FAREWELL_LINES = 20;

/** The calls among the effects of a container's life. */
export type EngineEffect = Exclude<Effect, { type: 'free' | 'note' | 'check' }>;

export interface ExecutorDeps {
  readonly engine: Engine;
  readonly images: ImageFetcher;
  readonly files: Pick<ContainerFiles, 'prepare'>;
  readonly meshId: MeshId;
  readonly log: Log;
  /** Takes the engine's answer to where it belongs. */
  readonly answer: (identity: ContainerIdentity, event: ContainerEvent) => void;
  /** Before a container is removed: what it wrote is kept for a while. */
  readonly farewell: (identity: ContainerIdentity, engineId: string) => Promise<void>;
  /** A call got no answer: the engine's next list must tell what came of it. */
  readonly onLost: () => void;
}

/** Carries out what the containers' lives ask of the engine, and answers each call once. */
export class Executor {
  readonly #deps: ExecutorDeps;
  readonly #rising = new Limiter(RISING_MAX);
  readonly #falling = new Limiter(FALLING_MAX);
  readonly #stopped = new AbortController();
  readonly #fetches = new Map<string, AbortController>();

  constructor(deps: ExecutorDeps) {
    this.#deps = deps;
  }

  /** Ends every call in flight; what they did is found again by the next agent. */
  stop(): void {
    this.#stopped.abort();
  }

  perform(identity: ContainerIdentity, effect: EngineEffect): void {
    if (effect.type === 'abandon') {
      const reason = new ShoalError('cancelled', 'the container is not wanted any more');
      this.#fetches.get(identity.containerId)?.abort(reason);
      return;
    }
    const call = 'call' in effect ? effect.call : NO_CALL;
    this.#carryOut(identity, effect).then(
      (result) => this.#done(identity, call, result),
      (error: unknown) => this.#failed(identity, call, error),
    );
  }

  #carryOut(identity: ContainerIdentity, effect: Exclude<EngineEffect, { type: 'abandon' }>): Promise<Result> {
    const { engine } = this.#deps;
    const { signal } = this.#stopped;
    switch (effect.type) {
      case 'fetch':
        return this.#fetch(identity, effect.call);
      case 'create':
        return this.#create(identity);
      case 'start':
        return this.#start(identity, effect.engineId).then(nothing);
      case 'stop':
        return this.#falling.run(() => engine.stop(effect.engineId, effect.graceMs, signal)).then(nothing);
      case 'kill':
        return engine.kill(effect.engineId, effect.signal, signal).then(nothing);
      case 'remove':
        return this.#falling.run(() => this.#remove(identity, effect));
      case 'bury':
        return this.#falling.run(() => this.#bury(identity, effect.engineId));
    }
  }

  async #create(identity: ContainerIdentity): Promise<Result> {
    const { engine, images, files, meshId } = this.#deps;
    const { signal } = this.#stopped;
    const { mounts } = await files.prepare(identity, signal);
    const wanted = describe(identity, images.engineName(identity.spec), mounts, meshId);
    return this.#rising.run(async () => ({ engineId: await engine.create(wanted, signal) }));
  }

  /** Its files may have been tampered with since it was made, or since it ran last. */
  async #start(identity: ContainerIdentity, engineId: string): Promise<void> {
    const { engine, files, log } = this.#deps;
    const { signal } = this.#stopped;
    const { written } = await files.prepare(identity, signal);
    if (written > 0) {
      const fields = { container: identity.containerId, files: written };
      log.warn(fields, 'files of a container were missing or changed on the disk and are put right');
    }
    await this.#rising.run(() => engine.start(engineId, signal));
  }

  async #fetch(identity: ContainerIdentity, call: Call): Promise<Result> {
    const { answer, images } = this.#deps;
    const cancel = new AbortController();
    this.#fetches.set(identity.containerId, cancel);
    const signal = AbortSignal.any([cancel.signal, this.#stopped.signal]);
    try {
      const { hasHealthcheck } = await images.ensure(
        images.engineName(identity.spec),
        (told) => {
          const progress = images.progressOf(identity.spec) ?? told;
          answer(identity, { type: 'pull-progress', call, progress });
        },
        signal,
      );
      return { hasHealthcheck };
    } catch (error) {
      // A pull that stands still is the image's trouble, not the engine's: another host may have more luck.
      if (error instanceof ShoalError && error.code === 'timeout')
        throw new ShoalError('image-not-found', error.message);
      throw error;
    } finally {
      if (this.#fetches.get(identity.containerId) === cancel) this.#fetches.delete(identity.containerId);
    }
  }

  async #remove(
    identity: ContainerIdentity,
    { engineId, graceMs }: { engineId: string; graceMs: number },
  ): Promise<Result> {
    const { engine, farewell } = this.#deps;
    const { signal } = this.#stopped;
    try {
      await engine.stop(engineId, graceMs, signal);
    } catch (error) {
      // Removing kills what would not stop; only an engine that is away can't do either.
      if (!(error instanceof ShoalError) || isLost(error)) throw error;
    }
    await farewell(identity, engineId);
    await engine.remove(engineId, signal);
    return {};
  }

  async #bury(identity: ContainerIdentity, engineId: string): Promise<Result> {
    const { engine, farewell } = this.#deps;
    const { signal } = this.#stopped;
    let output = '';
    try {
      output = await engine.logsTail(engineId, FAREWELL_LINES, signal);
    } catch (error) {
      // Without last words it still has to go.
      if (!(error instanceof ShoalError)) throw error;
    }
    await farewell(identity, engineId);
    await engine.remove(engineId, signal);
    return { output };
  }

  #done(identity: ContainerIdentity, call: Call, result: Result): void {
    if (!this.#stopped.signal.aborted) this.#deps.answer(identity, { type: 'done', call, ...result });
  }

  #failed(identity: ContainerIdentity, call: Call, error: unknown): void {
    if (this.#stopped.signal.aborted) return;
    if (!(error instanceof ShoalError)) throw error;
    const { answer, onLost, log } = this.#deps;
    if (isLost(error)) {
      answer(identity, { type: 'lost', call });
      onLost();
      return;
    }
    const { code, message } = error;
    log.debug({ container: identity.containerId, code, detail: message }, 'the engine refused a call');
    answer(identity, { type: 'refused', call, code, detail: message });
  }
}

/** What a call brought back. */
interface Result {
  readonly engineId?: string;
  readonly output?: string;
  readonly hasHealthcheck?: boolean;
}

const nothing = (): Result => ({});

const isLost = (error: ShoalError): boolean => error.code === 'engine-unavailable' || error.code === 'timeout';

/** Volumes are shared within a group and never across groups, so their names carry the group's. */
function describe(
  identity: ContainerIdentity,
  image: string,
  files: CreateContainer['files'],
  meshId: MeshId,
): CreateContainer {
  const { spec } = identity;
  return {
    name: identity.name,
    image,
    ...(spec.command === undefined ? {} : { command: spec.command }),
    ...(spec.entrypoint === undefined ? {} : { entrypoint: spec.entrypoint }),
    env: spec.env ?? {},
    labels: encodeLabels(identity, meshId),
    memoryBytes: spec.memoryBytes,
    cpuMilli: spec.cpuMilli ?? 0,
    ports: identity.ports,
    volumes: (spec.volumes ?? []).map(({ name, target, readOnly }) => ({
      name: `${identity.group}.${name}`,
      target,
      readOnly: readOnly ?? false,
    })),
    files,
    ...engineHealth(spec.health),
    ...(spec.stopSignal === undefined ? {} : { stopSignal: spec.stopSignal }),
    stopGraceMs: spec.stopGraceMs ?? STOP_GRACE_MS,
    logMaxBytes: LOG_MAX_BYTES,
  };
}

/** What the agent checks itself, the engine is not to check by the image's word as well. */
function engineHealth(health: HealthSpec | undefined): Pick<CreateContainer, 'health'> {
  if (health === undefined) return {};
  const { command, intervalMs, timeoutMs, retries, startPeriodMs } = { ...healthDefaults, ...health };
  return { health: command === undefined ? 'none' : { command, intervalMs, timeoutMs, retries, startPeriodMs } };
}
