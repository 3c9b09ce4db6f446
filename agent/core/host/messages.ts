import type { PullProgress } from '../../../protocol/schemas/host.ts';
import type { Call, Health } from './container.ts';

/** A container as a list of the engine showed it. */
export interface Sighting {
  readonly engineId: string;
  /** `created`: never started. */
  readonly state: 'created' | 'up' | 'down';
  readonly health: Health;
  readonly exitCode: number;
  readonly isOomKilled: boolean;
  readonly createdAtMs: number;
  /** Last start; 0 when it never started. */
  readonly startedAtMs: number;
  /** The engine runs a health check in it. */
  readonly hasHealthcheck: boolean;
}

export type PowerAction = 'start' | 'stop' | 'restart' | 'kill' | 'remove';

/** What can happen to a container. */
export type ContainerEvent =
  | { readonly type: 'run' }
  | { readonly type: 'tick' }
  // Answers to calls
  | { readonly type: 'pull-progress'; readonly call: Call; readonly progress: PullProgress }
  | {
      readonly type: 'done';
      readonly call: Call;
      readonly engineId?: string;
      readonly output?: string;
      /** Of a fetch: whether the image brings a health check that the engine runs. */
      readonly hasHealthcheck?: boolean;
    }
  /** What a check of ours found; `runMs` says of which run: {@link Running} `issuedAtMs`. */
  | { readonly type: 'checked'; readonly runMs: number; readonly isGood: boolean; readonly detail: string }
  /** The engine said no. */
  | { readonly type: 'refused'; readonly call: Call; readonly code: string; readonly detail: string }
  /** The engine went away or did not answer in time: the outcome is unknown. */
  | { readonly type: 'lost'; readonly call: Call }
  // What the engine tells as it happens
  | { readonly type: 'engine-start'; readonly atMs: number }
  | { readonly type: 'engine-die'; readonly exitCode: number; readonly atMs: number }
  | { readonly type: 'engine-oom' }
  /** Somebody's stop came through, ours or not. */
  | { readonly type: 'engine-stop' }
  | { readonly type: 'engine-health'; readonly health: Health }
  | { readonly type: 'engine-destroy' }
  // What a list of the engine shows; `isAfterLoss`: the first one after the engine was away
  | { readonly type: 'sighted'; readonly sighting: Sighting; readonly isAfterLoss: boolean }
  | { readonly type: 'absent' }
  // What people want
  | { readonly type: 'power'; readonly action: Exclude<PowerAction, 'remove'>; readonly signal?: string }
  /** `why` is for the timeline, e.g. `surplus`. */
  | { readonly type: 'remove'; readonly why: string };

/** Lines for the timeline. */
export type NoteKind =
  | 'container.started'
  | 'container.started-externally'
  | 'container.exited'
  | 'container.oom'
  | 'container.healthy'
  | 'container.unhealthy'
  | 'container.restarting'
  | 'container.stopped'
  | 'container.stopped-externally'
  | 'container.completed'
  | 'container.failed'
  | 'container.removed'
  | 'container.removed-externally';

/** What the shell must do. Calls are answered by `done`, `refused` or `lost` with the same number. */
export type Effect =
  /** Make sure that the image is on the engine. */
  | { readonly type: 'fetch'; readonly call: Call }
  /** Nobody waits for this fetch any more. */
  | { readonly type: 'abandon'; readonly call: Call }
  | { readonly type: 'create'; readonly call: Call }
  | { readonly type: 'start'; readonly call: Call; readonly engineId: string }
  | { readonly type: 'stop'; readonly call: Call; readonly engineId: string; readonly graceMs: number }
  /** Not answered: its exit is an event. */
  | { readonly type: 'kill'; readonly engineId: string; readonly signal: string }
  /** Answered by `checked` with the same `runMs`. */
  | { readonly type: 'check'; readonly engineId: string; readonly runMs: number }
  /** Stop politely, then remove. */
  | { readonly type: 'remove'; readonly call: Call; readonly engineId: string; readonly graceMs: number }
  /** Read its last output, then remove it at once. */
  | { readonly type: 'bury'; readonly call: Call; readonly engineId: string }
  /** Its memory, CPU and ports are free again. */
  | { readonly type: 'free' }
  | { readonly type: 'note'; readonly kind: NoteKind; readonly message: string };
