import { type Image, imageOf, randomLayer } from '../../../../test/framework/random-image.ts';
import type { RegistryClient } from '../../../../test/framework/registry-client.ts';
import type { Upstream } from '../../../../test/framework/upstream.ts';
import { waitFor } from '../../../../test/framework/wait.ts';

const REPOSITORIES = 4;
/** Images of the mesh's own that are there at a time. */
const KEPT = 6;
const BYTES = 2_000_000;
const LAYERS = 3;
const TAG = 'now';

/** Counted by what was done. */
export interface Churned {
  pushes: number;
  pulls: number;
  deletes: number;
  pulledBytes: number;
  /** Pulls through a node that did not know yet what another had just taken. */
  late: number;
}

/**
 * Pushes, pulls and deletes through all nodes in turn, for ever. Each image shares a layer with the one before, so that what
 * is deleted is needed elsewhere. Each has a tag of its own: what has none is collected.
 */
export class Churn {
  readonly done: Churned = { pushes: 0, pulls: 0, deletes: 0, pulledBytes: 0, late: 0 };
  /** How long each took, in milliseconds. */
  readonly times = { push: [] as number[], pull: [] as number[], fromUpstream: [] as number[] };
  readonly #nodes: readonly RegistryClient[];
  readonly #upstream: Upstream;
  readonly #kept: { readonly repository: string; readonly image: Image }[] = [];
  #turn = 0;

  constructor(nodes: readonly RegistryClient[], upstream: Upstream) {
    this.#nodes = nodes;
    this.#upstream = upstream;
  }

  /** One image into the mesh and out of it on all other nodes, one of the upstream onto all, and the oldest one gone. */
  async turn(): Promise<void> {
    const turn = this.#turn++;
    const [own, ...others] = this.#nodes.map((_, index) => this.#node(turn + index));
    const repository = `soak/r${turn % REPOSITORIES}`;
    const shared = this.#kept.at(-1)?.image.layers.at(-1) ?? randomLayer('shared', BYTES);
    const fresh = Array.from({ length: LAYERS }, (_, index) => randomLayer(`soak-${turn}-${index}`, BYTES));
    const image = imageOf([shared, ...fresh]);
    await timed(this.times.push, async () => own?.push(repository, `t${turn}`, image));
    this.done.pushes++;
    this.#kept.push({ repository, image });
    await Promise.all(others.map((node) => this.#pullNew(node, repository, image.manifest.digest)));
    await this.#fromUpstream(turn);
    if (this.#kept.length > KEPT) await this.#deleteOldest(turn);
  }

  async #fromUpstream(turn: number): Promise<void> {
    const repository = `soak/u${turn}`;
    await this.#upstream.client.push(repository, TAG, imageOf([randomLayer(repository, BYTES)]));
    const name = `${this.#upstream.host}/${repository}`;
    await Promise.all(this.#nodes.map((node) => timed(this.times.fromUpstream, () => this.#pull(node, name, TAG))));
  }

  async #deleteOldest(turn: number): Promise<void> {
    const oldest = this.#kept.shift();
    if (oldest === undefined) return;
    await this.#node(turn + 1).delete(oldest.repository, oldest.image.manifest.digest);
    this.done.deletes++;
  }

  /** What was pushed a moment ago through another node, which this one may have to hear of first. */
  async #pullNew(node: RegistryClient, repository: string, digest: string): Promise<void> {
    const isKnown = () => node.has(repository, digest);
    if (!(await isKnown())) {
      this.done.late++;
      await waitFor(`${digest} to be known everywhere`, isKnown);
    }
    await timed(this.times.pull, () => this.#pull(node, repository, digest));
  }

  async #pull(node: RegistryClient, repository: string, reference: string): Promise<void> {
    const { blobs } = await node.pull(repository, reference);
    this.done.pulls++;
    for (const bytes of blobs.values()) this.done.pulledBytes += bytes;
  }

  #node(index: number): RegistryClient {
    const node = this.#nodes[index % this.#nodes.length];
    if (node === undefined) throw new Error('there is no node');
    return node;
  }
}

async function timed(times: number[], work: () => Promise<unknown>): Promise<void> {
  const startMs = performance.now();
  await work();
  times.push(performance.now() - startMs);
}
