import type { Container } from '../../../protocol/schemas/host.ts';
import { formatBytes, formatCores } from '../../format/quantity.ts';
import { containerState } from '../../format/state.ts';
import { linkTo } from '../../store/link.ts';
import { useUsageTrails } from '../../store/usage-trail.ts';
import { t } from '../../text/text.ts';
import { Age } from '../../ui/age.tsx';
import { Icon } from '../../ui/icon.tsx';
import { openMenu } from '../../ui/menu.tsx';
import { Status } from '../../ui/status.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { CpuUsed, MemoryUsed } from '../metrics/usage-cells.tsx';
import { containerMenu } from '../topology/menus.tsx';

interface ContainerTableProps {
  readonly containers: readonly Container[];
  /** On a host's screen apps matter, on an app's hosts do. */
  readonly isOnHost?: boolean;
}

/** Containers with what they do, where, and since when. */
export function ContainerTable({ containers, isOnHost = false }: ContainerTableProps) {
  const trails = useUsageTrails();
  const place: Column<Container> = isOnHost
    ? {
        label: t('nav.apps'),
        cell: ({ group, app }) => <a href={linkTo(['apps', group, app])}>{`${group}/${app}`}</a>,
      }
    : { label: t('host.one'), cell: ({ hostId, hostName }) => <a href={linkTo(['hosts', hostId])}>{hostName}</a> };
  const columns: readonly Column<Container>[] = [
    {
      label: t('container.one'),
      cell: ({ id, name }) => (
        <a class="wrap" href={linkTo(['containers', id])}>
          {name}
        </a>
      ),
    },
    {
      label: t('column.state'),
      cell: (container) => {
        const { tone, word } = containerState(container);
        return (
          <span>
            <Status tone={tone}>{t(word)}</Status>
            {container.reason !== undefined && <span class="muted small wrap"> {container.reason.detail}</span>}
          </span>
        );
      },
    },
    place,
    {
      label: t('column.version'),
      cell: ({ version, cluster }) => `v${version}${isOnHost && cluster !== 'default' ? ` · ${cluster}` : ''}`,
    },
    {
      label: t('column.ports'),
      cell: ({ ports }) => (
        <span class="mono">
          {ports.map((port) => `${port.host}→${port.container}/${port.protocol}`).join(' ') || '–'}
        </span>
      ),
    },
    {
      label: t('column.size'),
      isNumber: true,
      cell: ({ memoryBytes, cpuMilli }) =>
        `${formatBytes(memoryBytes)}${cpuMilli > 0 ? ` · ${formatCores(cpuMilli)}` : ''}`,
    },
    {
      label: t('metrics.used'),
      cell: ({ id, cpuMilli, memoryBytes }) => (
        <span class="used-pair">
          <CpuUsed trail={trails.get(id)} most={cpuMilli} />
          <MemoryUsed trail={trails.get(id)} most={memoryBytes} />
        </span>
      ),
    },
    { label: t('column.restarts'), isNumber: true, cell: ({ restarts }) => restarts },
    { label: t('column.up'), cell: ({ startedAt, createdAt }) => <Age at={startedAt ?? createdAt} /> },
    {
      label: t('column.actions'),
      isActions: true,
      cell: (container) => (
        <button
          type="button"
          class="quiet icon-only"
          aria-haspopup="menu"
          aria-label={t('container.menu', { name: container.name })}
          onClick={(event) => openMenu(event, container.name, containerMenu(container))}
        >
          <Icon name="more" />
        </button>
      ),
    },
  ];
  return <Table caption={t('container.many')} columns={columns} items={containers} keyOf={({ id }) => id} />;
}
