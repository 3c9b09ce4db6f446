import type { Container, Host } from '../../../protocol/schemas/host.ts';
import type { App } from '../../../protocol/schemas/model.ts';
import { appState, containerState, hostState, type Shown } from '../../format/state.ts';
import { linkTo } from '../../store/link.ts';

/** Something that needs a person, or soon may. */
export interface Warning {
  readonly key: string;
  readonly name: string;
  readonly href: string;
  readonly shown: Shown;
  readonly detail: string;
}

const WARNINGS_MAX = 20;
const order = { bad: 0, warn: 1, busy: 2, idle: 3, ok: 4 } as const;

/** What is wrong, worst first. A host that somebody cordoned is meant to be so, and yet easily forgotten. */
export function warningsOf(
  hosts: readonly Host[],
  apps: readonly App[],
  containersOf: ReadonlyMap<string, readonly Container[]>,
): readonly Warning[] {
  const ofHosts = hosts.map((host): Warning => {
    const detail = host.zone === '' ? '' : host.zone;
    return { key: host.id, name: host.name, href: linkTo(['hosts', host.id]), shown: hostState(host), detail };
  });
  const ofApps = apps.map((app): Warning => {
    const name = `${app.group}/${app.name}`;
    const containers = containersOf.get(name) ?? [];
    const shown = appState(app, containers);
    const why = containers.find((container) => containerState(container).tone === 'bad')?.reason?.detail ?? '';
    return {
      key: name,
      name,
      href: linkTo(['apps', app.group, app.name]),
      shown,
      detail: `${shown.ready}/${shown.wanted}${why === '' ? '' : ` · ${why}`}`,
    };
  });
  return [...ofHosts, ...ofApps]
    .filter(({ shown }) => shown.tone === 'bad' || shown.tone === 'warn')
    .sort((a, b) => order[a.shown.tone] - order[b.shown.tone] || (a.name < b.name ? -1 : 1))
    .slice(0, WARNINGS_MAX);
}
