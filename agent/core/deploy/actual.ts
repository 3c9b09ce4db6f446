import type { HostId } from '../../../protocol/ids.ts';
import type { ContainerState, Liveness } from '../../../protocol/schemas/host.ts';
import type { HostLossPolicy } from '../../../protocol/schemas/model.ts';
import { compareText } from '../order.ts';

/** A container together with what the planner must know of its host. */
export interface PlacedContainer extends ContainerState {
  readonly hostId: HostId;
  readonly hostStatus: Liveness;
  /** How long this member has known the host to be dead. Milliseconds; 0 while it is not. */
  readonly hostLostMs: number;
}

/** What this member knows of the mesh when it plans. */
export interface Surroundings {
  /** This member believes that it is the one cut off: it replaces nobody's containers. */
  readonly isolated: boolean;
  /** It sees more than half of all admitted members alive. */
  readonly majority: boolean;
  /**
   * How long it has run without having heard from some admitted host what runs there; undefined when it has heard from
   * all. Host records are not stored, so after a restart a host that is cut off or down is such a one. Milliseconds.
   */
  readonly unseenMs: number | undefined;
  /** Whether it has to go elsewhere: its host is drained, or people asked for hosts to be evenly used. */
  readonly mustLeave: (container: Pick<PlacedContainer, 'id' | 'hostId'>) => boolean;
}

export const DEFAULT_HOST_LOSS: HostLossPolicy = { replace: 'always', afterMs: 0 };

/** Whether the containers of a lost host are given up, so that others take their place. */
export function isGivenUp(
  { hostStatus, hostLostMs }: Pick<PlacedContainer, 'hostStatus' | 'hostLostMs'>,
  policy: HostLossPolicy,
  around: Surroundings,
): boolean {
  if (hostStatus === 'left') return true;
  if (hostStatus !== 'dead' || around.isolated) return false;
  switch (policy.replace) {
    case 'never':
      return false;
    case 'majority':
      return around.majority && hostLostMs >= policy.afterMs;
    case 'always':
      return hostLostMs >= policy.afterMs;
  }
}

/**
 * Whether a replica that is nowhere to be seen may be taken for missing: it may run on a host that is not seen either.
 *
 * @param askedMsAgo when people asked for it; undefined when no operation is under way. What was asked for since this agent
 *   started is placed at once: nobody else can have begun with it unseen
 */
export function isMissingForSure(
  policy: HostLossPolicy,
  around: Surroundings,
  askedMsAgo: number | undefined,
): boolean {
  const { unseenMs } = around;
  if (unseenMs === undefined || (askedMsAgo !== undefined && askedMsAgo < unseenMs)) return true;
  return isGivenUp({ hostStatus: 'dead', hostLostMs: unseenMs }, policy, around);
}

/** What can't be reached does not hold anything up: it goes when its host is back. */
export const isReachable = ({ hostStatus }: Pick<PlacedContainer, 'hostStatus'>): boolean =>
  hostStatus === 'alive' || hostStatus === 'suspect';

/** Has failed or is on its way out: takes no replica's place. */
export const isGone = (container: ContainerState): boolean =>
  container.phase === 'failed' || container.phase === 'removing';

/** Does what people want of it: works, or was stopped on purpose. */
export const isSettled = (container: ContainerState): boolean => container.ready || container.wanted === 'stopped';

/**
 * Orders containers of one replica or one app from the one to keep to the one to give up: working ones first, then the
 * longest running, then by id so that every member that decides agrees.
 */
export function byWorthKeeping(a: PlacedContainer, b: PlacedContainer): number {
  const alive = Number(b.hostStatus === 'alive') - Number(a.hostStatus === 'alive');
  if (alive !== 0) return alive;
  const settled = Number(isSettled(b)) - Number(isSettled(a));
  if (settled !== 0) return settled;
  const since = (container: PlacedContainer) => container.startedAt ?? '9';
  return compareText(since(a), since(b)) || compareText(a.id, b.id);
}
