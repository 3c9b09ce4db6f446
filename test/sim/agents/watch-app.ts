import type { MemoryHost } from '../../framework/memory-host.ts';
import type { MemoryMesh } from '../../framework/memory-mesh.ts';

/**
 * Replicas of an app that work by the word of the hosts that run, whatever version: what a client of the app would find.
 * Stands beside the agents: it reads each host's own record.
 */
function working(mesh: MemoryMesh, app: string, hosts: readonly MemoryHost[] = mesh.running): number {
  const replicas = new Set<number>();
  for (const { number, id } of hosts) {
    for (const c of mesh.host(number).platform.containers({ app, host: id })) if (c.ready) replicas.add(c.replica);
  }
  return replicas.size;
}

/** Containers of an app that exist on hosts that run, failed ones left out. */
const existing = (mesh: MemoryMesh, app: string): number =>
  mesh.running
    .flatMap(({ number, id }) => mesh.host(number).platform.containers({ app, host: id }))
    .filter(({ phase }) => phase !== 'failed' && phase !== 'removing').length;

/** Extremes seen while time goes on. */
interface Extremes {
  leastWorking: number;
  mostExisting: number;
}

/** Moves time on until the condition holds, and says how few replicas worked and how many containers there were meanwhile. */
export async function watching(
  mesh: MemoryMesh,
  app: string,
  what: string,
  condition: () => boolean,
  deadlineMs = 120_000,
): Promise<Extremes> {
  const extremes = { leastWorking: Number.POSITIVE_INFINITY, mostExisting: 0 };
  await mesh.until(
    what,
    () => {
      extremes.leastWorking = Math.min(extremes.leastWorking, working(mesh, app));
      extremes.mostExisting = Math.max(extremes.mostExisting, existing(mesh, app));
      return condition();
    },
    deadlineMs,
  );
  return extremes;
}
