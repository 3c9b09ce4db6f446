import type { Container, Host } from '../../protocol/schemas/host.ts';
import type { App, Cluster, Event, Group } from '../../protocol/schemas/model.ts';
import type { Operation } from '../../protocol/schemas/operation.ts';
import type { ShellSettings } from '../../protocol/schemas/recording.ts';
import type { Topic } from './changes.ts';
import { type Reading, useFollowed, useItem, useList } from './resource.ts';

/** The lists that several screens show. */

const idOf = ({ id }: { readonly id: string }): string => id;
const query = (filter: Readonly<Record<string, string>>): string => {
  const text = new URLSearchParams(filter).toString();
  return text === '' ? '' : `?${text}`;
};

const containerTopics: readonly Topic[] = ['containers', 'hosts'];

export const useHosts = (): Reading<readonly Host[]> => useFollowed<Host>('/v1/hosts', ['hosts', 'members'], idOf);

export const useContainers = (): Reading<readonly Container[]> =>
  useFollowed<Container>('/v1/containers', containerTopics, idOf);

/** Containers of a host, or of an app. */
export const useContainersOf = (filter: Readonly<Record<string, string>>): Reading<readonly Container[]> =>
  useList<Container>(`/v1/containers${query(filter)}`, containerTopics, idOf);

export const useApps = (): Reading<readonly App[]> =>
  useList<App>('/v1/apps', ['apps'], ({ group, name }) => `${group}/${name}`);

export const useGroups = (): Reading<readonly Group[]> => useList<Group>('/v1/groups', ['apps'], ({ name }) => name);

/** How shells are treated where their group says nothing. Changes of all settings are announced as `images`. */
export const useShellSettings = (): Reading<ShellSettings> => useItem<ShellSettings>('/v1/shell-settings', ['images']);

export const useClusters = (): Reading<readonly Cluster[]> =>
  useList<Cluster>('/v1/clusters', ['apps', 'hosts'], ({ name }) => name);

export const useOperations = (filter: Readonly<Record<string, string>> = {}): Reading<readonly Operation[]> =>
  useList<Operation>(`/v1/operations${query(filter)}`, ['operations', 'containers', 'hosts'], idOf);

/** One operation. How far a rollout is stands in the record of its app, so that counts too. */
export const useOperation = (id: string): Reading<Operation> =>
  useItem<Operation>(`/v1/operations/${encodeURIComponent(id)}`, ['operations', 'apps', 'containers', 'hosts']);

/** Events that fit, oldest first, the newest so many of them. */
export const useEvents = (filter: Readonly<Record<string, string>>): Reading<readonly Event[]> =>
  useList<Event>(`/v1/events${query(filter)}`, ['events'], idOf);
