import { labelKeys } from '../../../agent/services/host/labels.ts';
import type { Command, CommandOf } from '../../../protocol/schemas/commands.ts';
import type { VersionSpec } from '../../../protocol/schemas/version.ts';
import { MemoryMesh, type MemoryMeshOptions } from '../../framework/memory-mesh.ts';

export const MiB = 1024 ** 2;
const spec: VersionSpec = { image: 'test:1', memoryBytes: 64 * MiB };

/** Seeds of one scenario: `SIM_SEED=n` runs only that one, `SIM_SEEDS=n` that many. */
export function seeds(count: number): number[] {
  const { SIM_SEED, SIM_SEEDS } = process.env;
  if (SIM_SEED !== undefined) return [Number(SIM_SEED)];
  return Array.from({ length: Number(SIM_SEEDS ?? count) }, (_, index) => index + 1);
}

/** Runs a scenario on a fresh mesh with the group `team`, and ends the mesh whatever comes. */
export async function onMesh(options: MemoryMeshOptions, play: (mesh: MemoryMesh) => Promise<void>): Promise<void> {
  const mesh = await MemoryMesh.start(options);
  try {
    await mesh.run(1, { kind: 'group.put', group: 'team' });
    await mesh.advance(500);
    await play(mesh);
  } finally {
    mesh.stop();
  }
}

/** Deploys an app of the group `team`; the image unless said otherwise is on every engine. */
export const deployOf = (
  app: string,
  replicas: number,
  change: Partial<VersionSpec> = {},
): CommandOf<'app.deploy'> => ({
  kind: 'app.deploy',
  group: 'team',
  app,
  cluster: 'default',
  replicas,
  spec: { ...spec, ...change },
});

export const scaleOf = (app: string, replicas: number): Command => ({
  kind: 'app.scale',
  group: 'team',
  app,
  cluster: 'default',
  replicas,
});

/** Starts an operation through a host and answers its id. */
export async function begin(mesh: MemoryMesh, via: number, command: Command): Promise<string> {
  const { operationId } = await mesh.run(via, command);
  if (operationId === undefined) throw new Error(`${command.kind} began no operation`);
  return operationId;
}

/** Deploys and waits for the end, which must be a good one. */
export async function deployed(mesh: MemoryMesh, via: number, command: Command): Promise<void> {
  const operation = await mesh.finished(via, await begin(mesh, via, command));
  if (operation.state !== 'succeeded')
    throw new Error(`${command.kind} ${operation.state}: ${operation.problem?.detail}`);
}

/** What the engines of these hosts run of an app, as `replica@host vVERSION`, in order. Looks past every agent. */
export function onEngines(mesh: MemoryMesh, app: string, hosts = mesh.hosts): string[] {
  return hosts
    .flatMap(({ engine, name }) =>
      engine.containers
        .filter(({ labels, state }) => labels[labelKeys.app] === app && state === 'running')
        .map(({ labels }) => `${labels[labelKeys.replica]}@${name} v${labels[labelKeys.version]}`),
    )
    .sort();
}

/** Replica numbers that engines run of an app, in order; a number twice is a duplicate. */
export const replicasOn = (mesh: MemoryMesh, app: string, hosts = mesh.hosts): number[] =>
  onEngines(mesh, app, hosts)
    .map((line) => Number(line.split('@')[0]))
    .sort((a, b) => a - b);

/** Waits until engines run exactly so many replicas of an app, no number twice. */
export const settledAt = (mesh: MemoryMesh, app: string, count: number, hosts = mesh.hosts, deadlineMs = 60_000) =>
  mesh.until(
    `${count} replicas of ${app}; there are ${onEngines(mesh, app, hosts).join(', ')}`,
    () => {
      const replicas = replicasOn(mesh, app, hosts);
      return replicas.length === count && new Set(replicas).size === count;
    },
    deadlineMs,
  );
