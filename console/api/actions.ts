import type { CapacityAnswer } from '../../protocol/schemas/capacity.ts';
import type { RolloutAction } from '../../protocol/schemas/commands.ts';
import type { Container, Host } from '../../protocol/schemas/host.ts';
import type { Operation } from '../../protocol/schemas/operation.ts';
import type { CreatedToken } from '../../protocol/schemas/requests.ts';
import type { ShellRequest, ShellTicket } from '../../protocol/schemas/shell.ts';
import { get, open, request } from './client.ts';

/** Every change that the console makes, and what it asks before it makes one. @throws ApiProblem */

interface AppName {
  readonly group: string;
  readonly app: string;
}

const part = encodeURIComponent;
export const appPath = ({ group, app }: AppName): string => `/v1/groups/${part(group)}/apps/${part(app)}`;

/** Makes a group; one that exists stays as it is. */
export const makeGroup = (group: string): Promise<unknown> => request('PUT', `/v1/groups/${part(group)}`, { body: {} });

export const deploy = (app: AppName, body: object): Promise<Operation> =>
  request('POST', `${appPath(app)}/deployments`, { body });

export const scale = (app: AppName, cluster: string, replicas: number): Promise<Operation> =>
  request('PATCH', `${appPath(app)}/deployments/${part(cluster)}`, { body: { replicas } });

export const undeploy = (app: AppName, cluster: string): Promise<Operation> =>
  request('DELETE', `${appPath(app)}/deployments/${part(cluster)}`);

export const deleteApp = (app: AppName): Promise<Operation> => request('DELETE', appPath(app));

export const rollBack = (app: AppName, cluster: string, to: number | undefined): Promise<Operation> =>
  request('POST', `${appPath(app)}/rollbacks`, { body: { cluster, ...(to === undefined ? {} : { to }) } });

export const actOnRollout = (app: AppName, cluster: string, action: RolloutAction): Promise<Operation> =>
  request('POST', `${appPath(app)}/rollout/${action}`, { body: { cluster } });

export const power = (id: string, action: 'start' | 'stop' | 'restart' | 'kill'): Promise<Container> =>
  request('POST', `/v1/containers/${id}/${action}`, { body: {} });

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

export const preheat = (image: string): Promise<Operation> =>
  request('POST', '/v1/images/preheat', { body: { image } });

export const deleteImage = (repository: string, reference: string): Promise<unknown> =>
  request('DELETE', `/v1/repositories/${part(repository)}/images/${part(reference)}`);

export const createToken = (expiresInMs: number, maxUses: number): Promise<CreatedToken> =>
  request('POST', '/v1/tokens', { body: { expiresInMs, maxUses } });

export const revokeToken = (id: string): Promise<unknown> => request('DELETE', `/v1/tokens/${id}`);

/** How many more replicas would fit where, and why not elsewhere. Nothing is reserved. */
export const capacity = (query: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<CapacityAnswer> =>
  get(`/v1/capacity?${new URLSearchParams(query)}`, signal);

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
