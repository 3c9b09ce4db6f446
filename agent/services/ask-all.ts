import { type ErrorCode, ShoalError } from '../../protocol/errors.ts';
import type { HostId } from '../../protocol/ids.ts';
import type { MeshView } from './view/mesh-view.ts';

/** A host that did not answer, and why. */
export interface MissingHost {
  readonly hostId: HostId;
  readonly hostName: string;
  readonly code: ErrorCode;
}

/** Asks all hosts that have not left at once; those that don't answer are named. */
export async function askAll<T>(
  view: Pick<MeshView, 'hosts'>,
  ask: (hostId: HostId, hostName: string) => Promise<T>,
): Promise<{
  readonly answers: readonly { readonly hostId: HostId; readonly answer: T }[];
  readonly missing: readonly MissingHost[];
}> {
  const answers: { readonly hostId: HostId; readonly answer: T }[] = [];
  const missing: MissingHost[] = [];
  const asked = view.hosts().filter(({ status }) => status !== 'left');
  await Promise.all(
    asked.map(async ({ hostId, name, status }) => {
      try {
        if (status === 'dead') throw new ShoalError('host-unreachable', 'It is dead.');
        answers.push({ hostId, answer: await ask(hostId, name) });
      } catch (error) {
        missing.push({ hostId, hostName: name, code: error instanceof ShoalError ? error.code : 'internal' });
      }
    }),
  );
  return { answers, missing };
}
