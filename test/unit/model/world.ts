import { createHash } from 'node:crypto';
import { decide, type ModelCommand } from '../../../agent/core/model/decide.ts';
import type { Accepted, ModelContext, ModelView, Verdict, Write } from '../../../agent/core/model/verdict.ts';
import type { HostId } from '../../../protocol/ids.ts';

const hostIds = ['a', 'b', 'c'].map((tail) => `12D3KooWhost${'1'.repeat(30)}${tail}` as HostId);
export const [hostA, hostB, hostC] = hostIds as [HostId, HostId, HostId];

/** A catalog in memory on which commands are decided and carried out, one second apart. */
export class World implements ModelView {
  readonly records = new Map<string, object>();
  #nowMs = Date.parse('2030-01-01T00:00:00Z');
  #seed = 1;

  get<T>(key: string): T | undefined {
    return structuredClone(this.records.get(key)) as T | undefined;
  }

  list<T>(prefix: string): readonly { readonly key: string; readonly value: T }[] {
    return [...this.records.keys()]
      .filter((key) => key.startsWith(prefix))
      .sort()
      .map((key) => ({ key, value: this.get<T>(key) as T }));
  }

  context(): ModelContext {
    this.#nowMs += 1_000;
    return {
      nowMs: this.#nowMs,
      rng: () => this.#random(),
      actorId: 'tk_admin',
      acceptedBy: hostA,
      hash: (content) => createHash('sha256').update(content).digest('hex'),
      tokenSecretHash: 'f'.repeat(64),
    };
  }

  /** Park and Miller's generator: the same ids in every run. */
  #random(): number {
    this.#seed = (this.#seed * 16_807) % 2_147_483_647;
    return this.#seed / 2_147_483_647;
  }

  /** Decides a command without carrying it out. */
  ask(command: ModelCommand): Verdict {
    return decide(command, this, this.context());
  }

  /** Decides a command and makes its writes. */
  try(command: ModelCommand): Verdict {
    const verdict = this.ask(command);
    if (verdict.ok) this.apply(verdict.writes);
    return verdict;
  }

  /** As `try`, for commands that a test needs to be accepted. */
  do(command: ModelCommand): Accepted {
    const verdict = this.try(command);
    if (!verdict.ok) throw new Error(`${command.kind} was refused: ${verdict.code} ${verdict.detail}`);
    return verdict;
  }

  apply(writes: readonly Write[]): void {
    for (const { key, value } of writes) {
      if (value === undefined) this.records.delete(key);
      else this.records.set(key, value);
    }
  }

  /** Changes a record as a controller would. */
  change<T extends object>(key: string, change: Partial<T>): void {
    const before = this.records.get(key);
    if (before === undefined) throw new Error(`no record ${key}`);
    this.records.set(key, { ...before, ...change });
  }
}

/** A world with group `web`, which gives its apps 64 MiB, and three members. */
export function newWorld(): World {
  const world = new World();
  for (const [index, hostId] of hostIds.entries()) {
    const member = {
      hostId,
      name: `h${index + 1}`,
      addresses: [],
      joinedAt: '2030-01-01T00:00:00.000Z',
      joinedWith: 'init',
    };
    world.apply([{ key: `members/${hostId}`, value: member }]);
  }
  world.do({ kind: 'group.put', group: 'web', defaultMemoryBytes: 64 * 1024 * 1024 });
  return world;
}
