import type { App } from '../../../protocol/schemas/model.ts';
import type { Version } from '../../../protocol/schemas/version.ts';
import type { VersionDiff } from '../../../protocol/schemas/version-diff.ts';
import { appPath } from '../../api/actions.ts';
import { formatBytes } from '../../format/quantity.ts';
import { linkTo } from '../../store/link.ts';
import { useItem, useList } from '../../store/resource.ts';
import { route, setQuery } from '../../store/router.ts';
import { t } from '../../text/text.ts';
import { Age } from '../../ui/age.tsx';
import { IfMay } from '../../ui/if-may.tsx';
import { Empty, Panel } from '../../ui/panel.tsx';
import { ReadingView } from '../../ui/reading.tsx';
import { Badge } from '../../ui/status.tsx';
import { type Column, Table } from '../../ui/table.tsx';

/** The versions of an app, and of the chosen one all of it and what it changed. */
export function VersionsPanel({ app }: { readonly app: App }) {
  const path = appPath({ group: app.group, app: app.name });
  const reading = useList<Version>(`${path}/versions`, ['apps'], ({ number }) => String(number));
  const chosen = Number(route.value.query.get('version') ?? app.latestVersion);
  return (
    <ReadingView of={reading}>
      {(versions) => {
        const version = versions.find(({ number }) => number === chosen);
        return (
          <div class="columns">
            <Panel title={t('app.tab.versions')} isFlush>
              {versions.length === 0 ? (
                <Empty title={t('version.none')} />
              ) : (
                <Table
                  caption={t('app.tab.versions')}
                  columns={columns(app)}
                  items={versions}
                  keyOf={({ number }) => String(number)}
                />
              )}
            </Panel>
            {version !== undefined && (
              <div class="stack">
                {versions.length > 1 && (
                  <Diff
                    key={version.number}
                    path={path}
                    to={version.number}
                    others={versions.map(({ number }) => number).filter((number) => number !== version.number)}
                  />
                )}
                <Panel title={t('version.spec', { version: version.number })}>
                  <pre>{JSON.stringify(version.spec, null, 2)}</pre>
                </Panel>
              </div>
            )}
          </div>
        );
      }}
    </ReadingView>
  );
}

function columns(app: App): readonly Column<Version>[] {
  const place = ['apps', app.group, app.name];
  const deployed = new Map(app.deployments.map(({ cluster, version }) => [version, cluster]));
  return [
    {
      label: t('column.version'),
      cell: ({ number }) => (
        <span class="row">
          <a href={linkTo(place, { tab: 'versions', version: String(number) })}>v{number}</a>
          {deployed.has(number) && <Badge tone="ok">{t('version.deployed')}</Badge>}
        </span>
      ),
    },
    { label: t('column.image'), cell: ({ spec }) => <span class="wrap">{spec.image}</span> },
    { label: t('capacity.memory'), isNumber: true, cell: ({ memoryBytes }) => formatBytes(memoryBytes) },
    { label: t('column.by'), cell: ({ createdBy }) => createdBy },
    { label: t('column.made'), cell: ({ createdAt }) => <Age at={createdAt} /> },
    {
      label: t('column.actions'),
      isActions: true,
      cell: ({ number }) => (
        <IfMay does="app.deploy">
          <a class="button" href={linkTo(['deploy'], { group: app.group, app: app.name, version: String(number) })}>
            {t('version.deploy')}
          </a>
        </IfMay>
      ),
    },
  ];
}

interface DiffProps {
  /** The app's in the API. */
  readonly path: string;
  readonly to: number;
  readonly others: readonly number[];
}

/** What a version changed against another: the one before, unless another is chosen. */
function Diff({ path, to, others }: DiffProps) {
  const chosen = Number(route.value.query.get('against') ?? to - 1);
  const from = others.find((number) => number === chosen) ?? others[0] ?? to;
  const reading = useItem<VersionDiff>(`${path}/versions/${from}/diff/${to}`, ['apps']);
  return (
    <Panel
      title={t('version.diff', { from, to })}
      actions={
        others.length > 1 && (
          <select
            aria-label={t('version.against')}
            value={String(from)}
            onChange={({ currentTarget }) => setQuery({ against: currentTarget.value })}
          >
            {others.map((number) => (
              <option key={number} value={String(number)}>
                {`${t('version.against')} v${number}`}
              </option>
            ))}
          </select>
        )
      }
    >
      <ReadingView of={reading}>
        {({ changes }) => (
          <ul class="diff stack-tight">
            {changes.length === 0 && <li class="muted">{t('version.noDiff')}</li>}
            {changes.map(({ path: field, from, to: now }) => (
              <li key={field}>
                <strong>{field}</strong>
                {from !== undefined && <div class="removed wrap">− {JSON.stringify(from)}</div>}
                {now !== undefined && <div class="added wrap">+ {JSON.stringify(now)}</div>}
              </li>
            ))}
          </ul>
        )}
      </ReadingView>
    </Panel>
  );
}
