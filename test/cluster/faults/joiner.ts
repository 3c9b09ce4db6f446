import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeJoinToken, type JoinToken, parseJoinToken } from '../../../protocol/token.ts';
import type { RealCluster } from '../../framework/real-cluster.ts';
import { RealHost } from '../../framework/real-host.ts';
import { ask } from './fleet.ts';

const dataRoot = process.env.SHOAL_CLUSTER_DATA ?? '/var/tmp/shoal-cluster';

/** The data directory that `scripts/cluster` gives a host's agent. */
export const dataDirOf = (cluster: RealCluster, host: RealHost): string =>
  join(dataRoot, cluster.name, host.name, 'agent');

/** A token as the API answers it. */
export interface CreatedToken {
  readonly id: string;
  readonly token: string;
  readonly expiresAt: string;
}

export const createToken = (member: RealHost, maxUses = 1, expiresInMs = 600_000): Promise<CreatedToken> =>
  ask(member, 'POST', '/v1/tokens', 201, { maxUses, expiresInMs });

/** The token with some of what it says replaced, as a forger would, or a person who knows another address. */
export const altered = (token: string, change: (token: JoinToken) => Partial<JoinToken>): string => {
  const parsed = parseJoinToken(token);
  return encodeJoinToken({ ...parsed, ...change(parsed) });
};

/** The token, to be shown to this member and no other. */
export const through = (token: string, member: RealHost): string =>
  altered(token, ({ addresses }) => ({ addresses: addresses.filter((address) => address.includes(`/${member.ip}/`)) }));

/** Hosts with an engine and no agent, beside those of the cluster that are members. */
export async function bareHosts(cluster: RealCluster, count: number): Promise<readonly RealHost[]> {
  const total = cluster.hosts.length + count;
  await cluster.script('up', String(total), '--no-agent');
  const names = Array.from({ length: count }, (_, index) => `h${cluster.hosts.length + index + 1}`);
  return Promise.all(names.map((name) => RealHost.of(name, (args) => cluster.script(...args))));
}

export type JoinOutcome = { readonly isIn: true } | { readonly isIn: false; readonly why: string };

/** Runs `shoal agent join` in a host; the data directory is the one its agent will have unless another is named. */
export async function joinWith(
  cluster: RealCluster,
  host: RealHost,
  token: string,
  dataDir = dataDirOf(cluster, host),
): Promise<JoinOutcome> {
  const folder = await mkdtemp(join(tmpdir(), 'shoal-token-'));
  const file = join(folder, 'token');
  await writeFile(file, token, { mode: 0o600 });
  const options = ['--data-dir', dataDir, '--name', host.name, '--advertise', host.ip, '--token-file', file];
  try {
    await host.exec('shoal', 'agent', 'join', ...options);
    return { isIn: true };
  } catch (error) {
    return { isIn: false, why: error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Starts the agent of a host that has joined. The mark tells `scripts/cluster` that the host has one. */
export async function startJoined(cluster: RealCluster, host: RealHost): Promise<void> {
  await writeFile(join(dataRoot, cluster.name, host.name, 'member'), '');
  await cluster.script('start', host.name, 'agent');
}
