import type { ProbeResult, Prober, ProbeTarget } from './prober.ts';

/** The prober's twin: it finds what it is told to find at each port. */
export class MemoryProber implements Prober {
  readonly #answers = new Map<number, boolean>();
  /** Looks so far. */
  looks = 0;

  /** What it finds at this port of any container from now on; at other ports nothing answers. */
  set(port: number, isGood: boolean): void {
    this.#answers.set(port, isGood);
  }

  probe({ address, port }: ProbeTarget): Promise<ProbeResult> {
    this.looks += 1;
    const isGood = this.#answers.get(port) ?? false;
    return Promise.resolve({ isGood, detail: isGood ? 'answers' : `${address}:${port} does not answer` });
  }
}
