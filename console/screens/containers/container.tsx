import type { Container } from '../../../protocol/schemas/host.ts';
import { containerState } from '../../format/state.ts';
import { linkTo } from '../../store/link.ts';
import { useEvents } from '../../store/lists.ts';
import { useItem } from '../../store/resource.ts';
import { may } from '../../store/rights.ts';
import { t } from '../../text/text.ts';
import { EventList } from '../../ui/event-list.tsx';
import { Icon } from '../../ui/icon.tsx';
import { openMenu } from '../../ui/menu.tsx';
import { PageHead, Panel } from '../../ui/panel.tsx';
import { ReadingView } from '../../ui/reading.tsx';
import { Badge } from '../../ui/status.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { LogsLater } from '../logs/logs-later.tsx';
import { MetricsLater } from '../metrics/metrics-later.tsx';
import { ShellLater } from '../terminal/shell-later.tsx';
import { containerMenu } from '../topology/menus.tsx';

interface ContainerScreenProps {
  readonly id: string;
  readonly place?: string | undefined;
}

const places = ['logs', 'shell', 'metrics', 'events'] as const;

/** One container: what it writes, a shell in it, what it uses, what happened to it. */
export function ContainerScreen({ id, place }: ContainerScreenProps) {
  const reading = useItem<Container>(containerPath(id), ['containers', 'hosts']);
  return <ReadingView of={reading}>{(container) => <ContainerView container={container} place={place} />}</ReadingView>;
}

const containerPath = (id: string): string => `/v1/containers/${encodeURIComponent(id)}`;

interface ContainerViewProps {
  readonly container: Container;
  readonly place: string | undefined;
}

function ContainerView({ container, place }: ContainerViewProps) {
  const { id, name, group, app, hostId, hostName, version } = container;
  const { tone, word } = containerState(container);
  const shown = places.filter((one) => one !== 'shell' || may('shell.open'));
  const tab = shown.find((one) => one === place) ?? 'logs';
  const path = containerPath(id);
  return (
    <>
      <PageHead
        crumbs={
          <>
            <a href={linkTo(['apps', group, app])}>{`${group}/${app}`}</a>
            <span>v{version}</span>·<a href={linkTo(['hosts', hostId])}>{hostName}</a>
          </>
        }
        title={
          <span class="row">
            {name} <Badge tone={tone}>{t(word)}</Badge>
          </span>
        }
        actions={
          <button
            type="button"
            class="icon-only"
            aria-haspopup="menu"
            aria-label={t('container.menu', { name })}
            onClick={(event) => openMenu(event, name, containerMenu(container))}
          >
            <Icon name="more" />
          </button>
        }
      />
      <Tabs
        label={name}
        current={tab}
        tabs={shown.map((one) => ({
          id: one,
          label: t(`container.${one}`),
          href: linkTo(['containers', id, one]),
        }))}
      />
      {tab === 'logs' && <LogsLater path={`${path}/logs`} name={name} />}
      {tab === 'shell' && <ShellLater container={container} />}
      {tab === 'metrics' && <MetricsLater path={`${path}/metrics`} memoryLimitBytes={container.memoryBytes} />}
      {tab === 'events' && <ContainerEvents id={id} />}
    </>
  );
}

function ContainerEvents({ id }: { readonly id: string }) {
  const reading = useEvents({ container: id, limit: '200' });
  return (
    <ReadingView of={reading}>
      {(events) => (
        <Panel title={t('nav.events')} isFlush>
          <EventList events={events} nothing={t('event.none')} />
        </Panel>
      )}
    </ReadingView>
  );
}
