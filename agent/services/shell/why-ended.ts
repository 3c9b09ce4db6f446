import { ShoalError } from '../../../protocol/errors.ts';
import type { ContainerState } from '../../../protocol/schemas/host.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Engine } from '../../ports/engine.ts';
import { pause } from '../../ports/pause.ts';

/** A container ends a little after the processes in it. */
const LOOKS = 10;
const LOOK_MS = 100;

/**
 * What ended a process in a container, if that was not itself: that its container ended, or is gone, says more than an exit code.
 *
 * @param code of the process; undefined when the engine could not say
 */
export async function whyEnded(
  { engine, clock }: { readonly engine: Pick<Engine, 'inspect'>; readonly clock: Clock },
  { engineId = '', name }: ContainerState,
  code: number | undefined,
  signal: AbortSignal,
): Promise<ShoalError | undefined> {
  // By a signal: what people do to a process, and an engine to one whose container ends.
  const isBySignal = code === undefined || code >= 128;
  for (let look = 0; look < LOOKS && isBySignal && !signal.aborted; look++) {
    const seen = await engine.inspect(engineId, signal).catch(() => 'unknown' as const);
    if (seen === 'unknown') return new ShoalError('engine-unavailable', `The engine of ${name} does not answer.`);
    if (seen === undefined) return new ShoalError('container-exited', `${name} was removed.`);
    if (seen.state !== 'running') {
      return new ShoalError('container-exited', `${name} ended with exit code ${seen.exitCode}.`);
    }
    await pause(clock, LOOK_MS, signal);
  }
  return undefined;
}
