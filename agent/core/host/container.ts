import type { ContainerId } from '../../../protocol/ids.ts';
import type { ContainerState, PublishedPort, PullProgress } from '../../../protocol/schemas/host.ts';
import type { HealthSpec, ResolvedSpec } from '../../../protocol/schemas/version.ts';

/** What is fixed when a container is claimed; the engine keeps it in labels. */
export interface ContainerIdentity {
  readonly containerId: ContainerId;
  /** `group-app-replica-xxxx`, its name in the engine. */
  readonly name: string;
  readonly group: string;
  readonly app: string;
  readonly appUid: string;
  readonly cluster: string;
  readonly version: number;
  readonly replica: number;
  readonly specHash: string;
  readonly operationId: string;
  readonly spec: ResolvedSpec;
  readonly ports: readonly PublishedPort[];
  readonly createdAtMs: number;
}

export type Health = ContainerState['health'];
export type Wanted = ContainerState['wanted'];

/** Why a container is given up: a code of the error table and one sentence. */
export interface Reason {
  readonly code: 'container-exited' | 'container-unhealthy' | 'image-not-found' | 'create-failed';
  readonly detail: string;
}

/**
 * Number of the engine call in flight; answers to any other call are stale and ignored. {@link NO_CALL} means that the
 * engine went away during it: what came of it is unknown until the engine's next list.
 */
export type Call = number;
export const NO_CALL: Call = 0;

/** Where a container is in its life. Phases with a `call` wait for the engine, the others for an event or a time. */
export type Life =
  /** The image is being looked for; `pulling` once it turned out to be absent. */
  | { readonly phase: 'claimed'; readonly call: Call }
  | { readonly phase: 'pulling'; readonly call: Call; readonly progress: PullProgress }
  | { readonly phase: 'creating'; readonly call: Call }
  | { readonly phase: 'starting'; readonly call: Call; readonly engineId: string; readonly issuedAtMs: number }
  | Running
  | {
      readonly phase: 'stopping';
      readonly call: Call;
      readonly engineId: string;
      /** `backoff`: it got unhealthy, and starts again after a delay. */
      readonly next: 'stopped' | 'starting' | 'backoff';
    }
  | { readonly phase: 'stopped'; readonly engineId: string }
  | { readonly phase: 'backoff'; readonly engineId: string; readonly untilMs: number }
  | { readonly phase: 'completed'; readonly engineId: string }
  /** Given up: its last output is read, then it is removed from the engine. */
  | { readonly phase: 'burying'; readonly call: Call; readonly engineId: string; readonly reason: Reason }
  | { readonly phase: 'failed'; readonly reason: Reason; readonly untilMs: number }
  /** Without `engineId` while it waits for a create in flight. */
  | { readonly phase: 'removing'; readonly call: Call; readonly engineId: string | undefined; readonly why: string }
  | { readonly phase: 'removed' };

export interface Running {
  readonly phase: 'running';
  readonly engineId: string;
  /** When its start was asked for: exits before it belong to an earlier run. */
  readonly issuedAtMs: number;
  readonly startedAtMs: number;
  readonly health: Health;
  readonly isReady: boolean;
  /** Of a container that this agent checks by itself. */
  readonly check?: CheckState;
}

/** Where the checks of one run are. Times by the clock of events. */
export interface CheckState {
  /** When the next check is due; undefined while one is under way. */
  readonly dueMs: number | undefined;
  /** Failures in a row that count. */
  readonly failures: number;
  /** When a failure counted last: while it starts there are more checks than may count. */
  readonly countedMs: number;
}

/** Who says whether it is healthy: nobody, the engine, or this agent by its own checks. */
type CheckedBy = 'nobody' | 'engine' | 'agent';

/** One container of ours: owned and updated in place by `step`. */
export interface ManagedContainer {
  readonly identity: ContainerIdentity;
  life: Life;
  wanted: Wanted;
  lastCall: Call;
  restarts: number;
  /** Exits in a row before it was ever ready. */
  failures: number;
  /** The longest of the runs that ended in those exits. Milliseconds. */
  longestFailedRunMs: number;
  hasBeenReady: boolean;
  checkedBy: CheckedBy;
  /** Times it exited or got unhealthy after it had been ready, without a long good run in between. */
  setbacks: number;
  /** Why it starts again, in a few words. */
  trouble: string | undefined;
  /** Doublings of the restart delay so far. */
  backoffSteps: number;
  /** The engine reported that the kernel killed something in it since its last start. */
  isOomSeen: boolean;
  lastExit: { readonly code: number; readonly isOomKilled: boolean } | undefined;
}

/** Up this long without a health check, a container counts as ready. */
export const SETTLE_MS = 1_000;
/** A container that was never ready is given up after this many exits in a row. */
export const FAILURES_MAX = 3;
/**
 * One that was ready before is given up after this many setbacks in a row: something is wrong with it or its host that
 * starting it again does not mend, and another host may do better. With the delays between them that takes about 13 s.
 */
export const SETBACKS_MAX = 8;
/** A failed container stays in the host's record this long, for people and controllers to see why. */
export const FAILED_RETENTION_MS = 5 * 60_000;

/** A container at the moment of its claim. Feed it `run` to set it going. */
export function newContainer(identity: ContainerIdentity, wanted: Wanted = 'running'): ManagedContainer {
  return {
    identity,
    life: { phase: 'claimed', call: NO_CALL },
    wanted,
    lastCall: NO_CALL,
    restarts: 0,
    failures: 0,
    longestFailedRunMs: 0,
    hasBeenReady: false,
    checkedBy: checkedBy(identity.spec.health),
    setbacks: 0,
    trouble: undefined,
    backoffSteps: 0,
    isOomSeen: false,
    lastExit: undefined,
  };
}

/** Without a spec of its own the image may have a check, which the engine's look at it tells. */
function checkedBy(health: HealthSpec | undefined): CheckedBy {
  if (health?.command !== undefined) return 'engine';
  return health?.http !== undefined || health?.tcp !== undefined ? 'agent' : 'nobody';
}

/** Its id in the engine, once there is one. */
export const engineIdOf = (life: Life): string | undefined => ('engineId' in life ? life.engineId : undefined);

/** Whether the engine owes it an answer: a list made meanwhile says nothing about it. */
export const isCalling = (life: Life): boolean => 'call' in life && life.call !== NO_CALL;

/** When it next needs a `tick`; undefined when only an event can move it. */
export function deadlineOf({ life }: ManagedContainer): number | undefined {
  switch (life.phase) {
    case 'backoff':
    case 'failed':
      return life.untilMs;
    case 'running':
      if (life.check !== undefined) return life.check.dueMs;
      return life.health === 'none' && !life.isReady ? life.startedAtMs + SETTLE_MS : undefined;
    default:
      return undefined;
  }
}
