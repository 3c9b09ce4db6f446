/** What something has used since it began, and holds now. */
export interface UsageCounters {
  readonly cpuMicros: number;
  /** Without what the kernel only caches. */
  readonly memoryBytes: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
}

/** Reads what the machine and single containers use. */
export interface UsageMeter {
  host(): Promise<UsageCounters>;
  /** By the first process of the container, as the engine numbers it; undefined when it is gone. */
  container(pid: number): Promise<UsageCounters | undefined>;
}

/** The meter's twin: everything takes one more of everything each time. */
export class MemoryUsageMeter implements UsageMeter {
  #reads = 0;

  async host(): Promise<UsageCounters> {
    return this.#next();
  }

  async container(_pid: number): Promise<UsageCounters | undefined> {
    return this.#next();
  }

  #next(): UsageCounters {
    this.#reads += 1;
    const total = this.#reads * 1_000;
    return {
      cpuMicros: total,
      memoryBytes: 1_000_000,
      receivedBytes: total,
      sentBytes: total,
      readBytes: total,
      writtenBytes: total,
    };
  }
}
