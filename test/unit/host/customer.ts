import type { Award, Bid } from '../../../agent/core/placement/types.ts';
import type { Clock } from '../../../agent/ports/clock.ts';
import type { HostAgent } from '../../../agent/services/host/host-agent.ts';
import { type ContainerId, newId, type OperationId } from '../../../protocol/ids.ts';
import type { ContainerState } from '../../../protocol/schemas/host.ts';
import type { ResolvedSpec } from '../../../protocol/schemas/version.ts';

export const MiB = 1024 ** 2;

/** Asks one host for containers, as an auctioneer does. */
export abstract class Customer {
  abstract readonly agent: HostAgent;
  abstract readonly clock: Clock;
  /** Of containers that name no image. */
  readonly image: string = 'app:1';

  ask(spec: ResolvedSpec, replicas = 1): Promise<Bid> {
    const { image, memoryBytes, cpuMilli = 0, ports = [], constraints = [] } = spec;
    const app = { group: 'shop', app: 'web', appUid: 'ap_1', cluster: 'default' };
    const requirement = { ...app, image, memoryBytes, cpuMilli, ports, constraints };
    return this.agent.ask({ auctionId: this.#id('operation'), requirement, replicas });
  }

  award(spec: ResolvedSpec, bid: Extract<Bid, { ok: true }>, replicas: number): Award {
    return {
      reservationId: bid.offer.reservationId,
      operationId: this.#id<OperationId>('operation'),
      group: 'shop',
      app: 'web',
      appUid: 'ap_1',
      cluster: 'default',
      version: 1,
      specHash: 'abc',
      spec,
      assignments: Array.from({ length: replicas }, (_, replica) => ({
        containerId: this.#id<ContainerId>('container'),
        replica,
      })),
    };
  }

  /** Asks and awards; returns the ids of the containers that are on their way. */
  async run(spec: Partial<ResolvedSpec> = {}, replicas = 1): Promise<readonly ContainerId[]> {
    const whole: ResolvedSpec = { image: this.image, memoryBytes: 64 * MiB, ...spec };
    const bid = await this.ask(whole, replicas);
    if (!bid.ok) throw new Error(bid.refusal.detail);
    const answer = this.agent.award(this.award(whole, bid, replicas));
    if (!answer.ok) throw new Error(JSON.stringify(answer));
    return answer.claims.map((claim) => claim.containerId);
  }

  state(id: ContainerId | undefined): ContainerState | undefined {
    return this.agent.record().containers.find((container) => container.id === id);
  }

  engineIdOf(id: ContainerId | undefined): string {
    return this.state(id)?.engineId ?? 'none';
  }

  #id<T extends string>(kind: 'container' | 'operation'): T {
    return newId<T>(kind, this.clock.nowMs(), () => this.clock.random());
  }
}
