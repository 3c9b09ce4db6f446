import type { PortKey } from '../core/placement/ports.ts';

/** What the machine is, as measured at start. */
export interface MachineFacts {
  readonly memoryBytes: number;
  readonly cores: number;
  /** As Docker names it: amd64, arm64 ... */
  readonly arch: string;
  /** linux */
  readonly os: string;
  /** Distribution, e.g. debian. */
  readonly distro: string;
  readonly kernel: string;
  /** A virtual machine, not one of metal. */
  readonly isVirtual: boolean;
}

/** The machine below the engine. */
export interface Machine {
  facts(): Promise<MachineFacts>;
  /** Ports that some process listens on (tcp) or is bound to (udp), on any address. */
  takenPorts(): Promise<ReadonlySet<PortKey>>;
}

/** The machine's twin: says what it is told. */
export class MemoryMachine implements Machine {
  readonly taken = new Set<PortKey>();
  readonly #facts: MachineFacts;

  constructor(facts: Partial<MachineFacts> = {}) {
    this.#facts = {
      memoryBytes: 4 * 1024 ** 3,
      cores: 4,
      arch: 'amd64',
      os: 'linux',
      distro: 'debian',
      kernel: '6.1.0',
      isVirtual: true,
      ...facts,
    };
  }

  async facts(): Promise<MachineFacts> {
    return this.#facts;
  }

  async takenPorts(): Promise<ReadonlySet<PortKey>> {
    return new Set(this.taken);
  }
}
