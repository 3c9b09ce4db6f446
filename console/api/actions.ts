import type { RolloutAction } from '../../protocol/schemas/commands.ts';
import type { Constraint } from '../../protocol/schemas/common.ts';
import type { Container, Host } from '../../protocol/schemas/host.ts';
import type { ImageSettings, Namespace, Repository, Upstream } from '../../protocol/schemas/image.ts';
import type { LogForward } from '../../protocol/schemas/log-forward.ts';
import type { App, Cluster, Group, Role } from '../../protocol/schemas/model.ts';
import type { Operation } from '../../protocol/schemas/operation.ts';
import type { DeploymentPlan } from '../../protocol/schemas/plan.ts';
import type { OnOff, ShellSettings } from '../../protocol/schemas/recording.ts';
import type { CreatedCredential, CreatedToken } from '../../protocol/schemas/requests.ts';
import type { ShellRequest, ShellTicket } from '../../protocol/schemas/shell.ts';
import type { Version } from '../../protocol/schemas/version.ts';
import { open, request } from './client.ts';

/** Every change that the console makes, and what it asks before it makes one. @throws ApiProblem */

interface AppName {
  readonly group: string;
  readonly app: string;
}

const part = encodeURIComponent;
export const appPath = ({ group, app }: AppName): string => `/v1/groups/${part(group)}/apps/${part(app)}`;

/** Makes a group; one that exists stays as it is. */
export const makeGroup = (group: string): Promise<unknown> => request('PUT', `/v1/groups/${part(group)}`, { body: {} });

/** Makes a group or changes it; what is left out stays. */
export const putGroup = (
  group: string,
  body: {
    readonly description?: string;
    readonly defaultMemoryBytes?: number;
    /** null: as the mesh does. */
    readonly recordShells?: OnOff | null;
  },
): Promise<Group> => request('PUT', `/v1/groups/${part(group)}`, { body });

export const deleteGroup = (group: string): Promise<unknown> => request('DELETE', `/v1/groups/${part(group)}`);

/** Makes a cluster or changes it. */
export const putCluster = (
  cluster: string,
  body: { readonly description?: string; readonly selector: readonly Constraint[] },
): Promise<Cluster> => request('PUT', `/v1/clusters/${part(cluster)}`, { body });

export const deleteCluster = (cluster: string): Promise<unknown> => request('DELETE', `/v1/clusters/${part(cluster)}`);

/** Changes settings of an app; what is left out stays, the policy is replaced as a whole. */
export const putApp = (
  app: AppName,
  body: Readonly<Partial<Pick<App, 'description' | 'onHostLoss' | 'rollout'>>>,
): Promise<App> => request('PUT', appPath(app), { body });

export const deploy = (app: AppName, body: object): Promise<Operation> =>
  request('POST', `${appPath(app)}/deployments`, { body });

/** Makes a version, which nothing runs yet. */
export const createVersion = (app: AppName, spec: object): Promise<Version> =>
  request('POST', `${appPath(app)}/versions`, { body: { spec } });

interface PlanQuestion {
  readonly app: AppName;
  /** As that of `deploy`. */
  readonly body: object;
  /** The group would be made first. */
  readonly withGroup: boolean;
}

/** What a deployment would do, and why not more. Nothing is changed. */
export const planDeployment = ({ app, body, withGroup }: PlanQuestion, signal: AbortSignal): Promise<DeploymentPlan> =>
  request('POST', `${appPath(app)}/deployments/plan${withGroup ? '?withGroup=true' : ''}`, { body, signal });

/** A configuration file of an app's versions; undefined when it is no text. */
export async function fileText(app: AppName, sha256: string): Promise<string | undefined> {
  const response = await open('GET', `${appPath(app)}/files/${sha256}`);
  return response.headers.get('content-type')?.startsWith('text/plain') ? response.text() : undefined;
}

export const scale = (app: AppName, cluster: string, replicas: number): Promise<Operation> =>
  request('PATCH', `${appPath(app)}/deployments/${part(cluster)}`, { body: { replicas } });

export const undeploy = (app: AppName, cluster: string): Promise<Operation> =>
  request('DELETE', `${appPath(app)}/deployments/${part(cluster)}`);

export const deleteApp = (app: AppName): Promise<Operation> => request('DELETE', appPath(app));

export const rollBack = (app: AppName, cluster: string, to: number, rollout: App['rollout']): Promise<Operation> =>
  request('POST', `${appPath(app)}/rollbacks`, {
    body: { cluster, to, ...(rollout === undefined ? {} : { rollout }) },
  });

export const actOnRollout = (app: AppName, cluster: string, action: RolloutAction): Promise<Operation> =>
  request('POST', `${appPath(app)}/rollout/${action}`, { body: { cluster } });

export const power = (id: string, action: 'start' | 'stop' | 'restart'): Promise<Container> =>
  request('POST', `/v1/containers/${id}/${action}`, { body: {} });

export const kill = (id: string, signal: string): Promise<Container> =>
  request('POST', `/v1/containers/${id}/kill`, { body: { signal } });

export const removeContainer = (id: string): Promise<Container> => request('DELETE', `/v1/containers/${id}`);

export const changeHost = (
  id: string,
  body: { readonly cordoned?: boolean; readonly labels?: Readonly<Record<string, string | null>> },
): Promise<Host> => request('PATCH', `/v1/hosts/${id}`, { body });

export const drain = (id: string, deadlineMs: number): Promise<Operation> =>
  request('POST', `/v1/hosts/${id}/drain`, { body: { deadlineMs } });

export const cancelDrain = (id: string): Promise<Operation> => request('DELETE', `/v1/hosts/${id}/drain`);

export const removeHost = (id: string, isForced: boolean): Promise<unknown> =>
  request('DELETE', `/v1/hosts/${id}${isForced ? '?force=true' : ''}`);

export const cancelOperation = (id: string): Promise<Operation> =>
  request('POST', `/v1/operations/${id}/cancel`, { body: {} });

/** Moves containers as planned at that moment, at most so many. */
export const rebalance = (maxMoves: number): Promise<Operation> =>
  request('POST', '/v1/rebalance', { body: { maxMoves } });

export const evictMember = (hostId: string, reason: string): Promise<unknown> =>
  request('DELETE', `/v1/members/${hostId}`, { body: reason === '' ? {} : { reason } });

/** Which hosts an operation on images is for; neither: all. */
export interface ForHosts {
  readonly hosts?: readonly string[];
  readonly cluster?: string;
}

export const preheat = (image: string, where: ForHosts = {}): Promise<Operation> =>
  request('POST', '/v1/images/preheat', { body: { image, ...where } });

export const verifyImages = ({ hosts }: ForHosts): Promise<Operation> =>
  request('POST', '/v1/images/verify', { body: hosts === undefined ? {} : { hosts } });

export const collectImages = (body: {
  readonly hosts?: readonly string[];
  readonly graceMs?: number;
}): Promise<Operation> => request('POST', '/v1/images/collect', { body });

/** Null takes a bound away. */
export const changeImageSettings = (body: Readonly<Record<string, number | null>>): Promise<ImageSettings> =>
  request('PATCH', '/v1/image-settings', { body });

export const putNamespace = (namespace: string, quotaBytes: number | null): Promise<Namespace> =>
  request('PUT', `/v1/namespaces/${part(namespace)}`, { body: { quotaBytes } });

export const putUpstream = (host: string, body: Readonly<Record<string, string | null>>): Promise<Upstream> =>
  request('PUT', `/v1/upstreams/${part(host)}`, { body });

export const deleteUpstream = (host: string): Promise<unknown> => request('DELETE', `/v1/upstreams/${part(host)}`);

export const changeRepository = (
  repository: string,
  body: { readonly description?: string; readonly retention?: Repository['retention'] | null },
): Promise<Repository> => request('PATCH', `/v1/repositories/${part(repository)}`, { body });

export const deleteRepository = (repository: string, isForced: boolean): Promise<unknown> =>
  request('DELETE', `/v1/repositories/${part(repository)}${isForced ? '?force=true' : ''}`);

export const deleteImage = (repository: string, reference: string, isForced: boolean): Promise<unknown> =>
  request('DELETE', `/v1/repositories/${part(repository)}/images/${part(reference)}${isForced ? '?force=true' : ''}`);

export const createToken = (expiresInMs: number, maxUses: number, description: string): Promise<CreatedToken> =>
  request('POST', '/v1/tokens', { body: { expiresInMs, maxUses, ...(description === '' ? {} : { description }) } });

export const createCredential = (id: string, role: Role, description: string): Promise<CreatedCredential> =>
  request('POST', '/v1/credentials', { body: { id, role, ...(description === '' ? {} : { description }) } });

export const revokeCredential = (id: string): Promise<unknown> => request('DELETE', `/v1/credentials/${part(id)}`);

export const revokeToken = (id: string): Promise<unknown> => request('DELETE', `/v1/tokens/${id}`);

const shellsPath = (containerId: string): string => `/v1/containers/${part(containerId)}/shells`;

export const openShell = (containerId: string, body: ShellRequest): Promise<ShellTicket> =>
  request('POST', shellsPath(containerId), { body });

/** Another ticket for a session, to come back to it or to join it. */
export const shellTicket = (containerId: string, sessionId: string, signal?: AbortSignal): Promise<ShellTicket> =>
  request('POST', `${shellsPath(containerId)}/${part(sessionId)}/tickets`, { body: {}, signal });

/** Ends the process of a session. */
export const closeShell = (containerId: string, sessionId: string): Promise<unknown> =>
  request('DELETE', `${shellsPath(containerId)}/${part(sessionId)}`);

/** What somebody saw in a shell, as asciicast v2; 8 MiB at most. */
export const readRecording = async (id: string, signal: AbortSignal): Promise<string> =>
  (await open('GET', `/v1/recordings/${part(id)}`, { signal })).text();

/** Refused while its shell is open. */
export const deleteRecording = (id: string): Promise<unknown> => request('DELETE', `/v1/recordings/${part(id)}`);

/** Whether shells are recorded where their group says nothing else. */
export const changeShellSettings = (recordShells: OnOff): Promise<ShellSettings> =>
  request('PATCH', '/v1/shell-settings', { body: { recordShells } });

/** Says where logs go besides; what is left out stays, null takes it away. */
export const putLogForward = (name: string, body: object): Promise<LogForward> =>
  request('PUT', `/v1/log-forwards/${part(name)}`, { body });

export const deleteLogForward = (name: string): Promise<unknown> => request('DELETE', `/v1/log-forwards/${part(name)}`);
