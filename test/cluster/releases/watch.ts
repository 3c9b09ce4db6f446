import type { Container } from '../../../protocol/schemas/host.ts';
import { containersOf } from '../../framework/deploys.ts';
import type { RealHost } from '../../framework/real-host.ts';
import { waitFor } from '../../framework/wait.ts';

const LOOK_MS = 20;

/** Replicas that work, whatever their version, by what their hosts say. */
const working = (containers: readonly Container[]): number =>
  new Set(containers.filter(({ ready, hostStatus }) => ready && hostStatus === 'alive').map(({ replica }) => replica))
    .size;

/**
 * Looks at an app all the time from the moment on when so many replicas work until it is stopped, and then says how few worked at
 * any moment.
 */
export async function watchApp(host: RealHost, name: string, replicas: number): Promise<() => Promise<number>> {
  await waitFor(`${replicas} replicas of ${name}`, async () => working(await containersOf(host, name)) === replicas);
  let isOver = false;
  let least = Number.POSITIVE_INFINITY;
  const looking = (async () => {
    while (!isOver) {
      least = Math.min(least, working(await containersOf(host, name)));
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  })();
  return async () => {
    isOver = true;
    await looking;
    return least;
  };
}
