import type { UnmanagedContainer } from '../../../protocol/schemas/host.ts';

export interface MemoryFacts {
  /** Physical memory of the host. Bytes. */
  readonly totalBytes: number;
  /** Kept for the system, the engine and the agent. Bytes. */
  readonly reserveBytes: number;
  readonly unmanaged: readonly Pick<UnmanagedContainer, 'running' | 'memoryBytes'>[];
  /** What a running unmanaged container without a limit counts. Bytes. */
  readonly unlimitedBytes: number;
}

export interface MemoryCapacity {
  /** What unmanaged containers may use. Bytes. */
  readonly unmanagedBytes: number;
  /** What the host may promise to its containers, never below 0. Bytes. */
  readonly allocatableBytes: number;
}

/** allocatable = total - reserve - what running unmanaged containers may use. */
export function memoryCapacity(facts: MemoryFacts): MemoryCapacity {
  let unmanagedBytes = 0;
  for (const container of facts.unmanaged) {
    if (container.running) unmanagedBytes += container.memoryBytes > 0 ? container.memoryBytes : facts.unlimitedBytes;
  }
  return { unmanagedBytes, allocatableBytes: Math.max(0, facts.totalBytes - facts.reserveBytes - unmanagedBytes) };
}
