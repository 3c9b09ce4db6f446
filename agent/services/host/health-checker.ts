import { ShoalError } from '../../../protocol/errors.ts';
import type { HealthSpec } from '../../../protocol/schemas/version.ts';
import type { ContainerIdentity } from '../../core/host/container.ts';
import { healthDefaults } from '../../core/host/health-check.ts';
import type { ContainerEvent } from '../../core/host/messages.ts';
import type { Engine } from '../../ports/engine.ts';
import type { ProbeResult, Prober, ProbeTarget } from '../../ports/prober.ts';
import { Limiter } from './limiter.ts';

/** Checks at once; more wait. */
const CHECKS_MAX = 64;
/** A container on the host's own network has its ports here. */
const LOOPBACK = '127.0.0.1';

export interface HealthCheckerDeps {
  readonly engine: Pick<Engine, 'inspect'>;
  readonly prober: Prober;
  readonly answer: (identity: ContainerIdentity, event: ContainerEvent) => void;
}

/** One check to make. */
export interface Check {
  readonly engineId: string;
  readonly runMs: number;
}

/** Carries out the checks that this agent makes itself. The core says when, and what their results mean. */
export class HealthChecker {
  readonly #deps: HealthCheckerDeps;
  readonly #limiter = new Limiter(CHECKS_MAX);
  readonly #stopped = new AbortController();
  /** Where containers are reached, as of the start of their run: an address changes with each. */
  readonly #addresses = new Map<string, { readonly runMs: number; readonly address: string }>();

  constructor(deps: HealthCheckerDeps) {
    this.#deps = deps;
  }

  stop(): void {
    this.#stopped.abort();
  }

  /** Answers with `checked`, whatever comes. */
  check(identity: ContainerIdentity, { engineId, runMs }: Check): void {
    void this.#limiter
      .run(() => this.#look(identity, { engineId, runMs }))
      .then(({ isGood, detail }) => {
        if (!this.#stopped.signal.aborted) this.#deps.answer(identity, { type: 'checked', runMs, isGood, detail });
      });
  }

  /** Its container is gone. */
  forget(engineId: string): void {
    this.#addresses.delete(engineId);
  }

  async #look({ spec }: ContainerIdentity, check: Check): Promise<ProbeResult> {
    const { prober } = this.#deps;
    const { signal } = this.#stopped;
    const health = spec.health ?? {};
    try {
      const address = await this.#addressOf(check);
      const target = targetOf(health, address);
      if (target === undefined) return { isGood: true, detail: 'nothing to check' };
      return await prober.probe(target, health.timeoutMs ?? healthDefaults.timeoutMs, signal);
    } catch (error) {
      if (!(error instanceof ShoalError)) throw error;
      return { isGood: false, detail: error.message };
    }
  }

  async #addressOf({ engineId, runMs }: Check): Promise<string> {
    const known = this.#addresses.get(engineId);
    if (known?.runMs === runMs) return known.address;
    const container = await this.#deps.engine.inspect(engineId, this.#stopped.signal);
    const address = container?.address || LOOPBACK;
    this.#addresses.set(engineId, { runMs, address });
    return address;
  }
}

function targetOf({ http, tcp }: HealthSpec, address: string): ProbeTarget | undefined {
  if (tcp !== undefined) return { kind: 'tcp', address, port: tcp.port };
  if (http === undefined) return undefined;
  const { port, path = '/', host, status, bodyIncludes } = http;
  const isWanted = (code: number) => status?.includes(code) ?? (code >= 200 && code < 400);
  return { kind: 'http', address, port, path, host, isWanted, bodyIncludes };
}
