import type { LogForward } from '../../../protocol/schemas/log-forward.ts';
import { deleteLogForward } from '../../api/actions.ts';
import { formatBytes } from '../../format/quantity.ts';
import { linkTo } from '../../store/link.ts';
import { refresh, useList, usePolling } from '../../store/resource.ts';
import { route } from '../../store/router.ts';
import { language, t } from '../../text/text.ts';
import { Age } from '../../ui/age.tsx';
import { openDialog } from '../../ui/dialog.tsx';
import { EditAndDelete } from '../../ui/edit-and-delete.tsx';
import { IfMay } from '../../ui/if-may.tsx';
import { Empty, Facts, Panel } from '../../ui/panel.tsx';
import { ReadingView } from '../../ui/reading.tsx';
import { Status } from '../../ui/status.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { ForwardDialog, forwardsPath } from './forward-dialog.tsx';
import { forwardState, hostForwardState, scopeText } from './forward-draft.ts';

/** Nobody announces how far a host is, and all are asked. Milliseconds. */
const POLL_MS = 3_000;

type HostState = LogForward['hosts'][number];

/** Where logs go besides, how far each host is with that, and what failed. The one that is looked at is in the address. */
export function ForwardsTab() {
  const reading = useList<LogForward>(forwardsPath, [], ({ name }) => name);
  usePolling(forwardsPath, POLL_MS);
  return (
    <ReadingView of={reading}>
      {(forwards) => {
        const wanted = route.value.query.get('forward');
        const chosen = forwards.find(({ name }) => name === wanted) ?? forwards[0];
        return (
          <div class="stack">
            <Panel
              title={t('forward.many')}
              isFlush
              actions={
                <IfMay does="log-forward.put">
                  <button type="button" onClick={() => openDialog(() => <ForwardDialog />)}>
                    {t('forward.add')}
                  </button>
                </IfMay>
              }
            >
              {forwards.length === 0 ? (
                <Empty title={t('forward.none')}>{t('forward.noneWhat')}</Empty>
              ) : (
                <Table
                  caption={t('forward.many')}
                  columns={columns(chosen?.name)}
                  items={forwards}
                  keyOf={({ name }) => name}
                />
              )}
            </Panel>
            {chosen !== undefined && <HostsPanel key={chosen.name} forward={chosen} />}
          </div>
        );
      }}
    </ReadingView>
  );
}

const count = (lines: number): string => lines.toLocaleString(language.value);
const sum = ({ hosts }: LogForward, of: (host: HostState) => number): number =>
  hosts.reduce((total, host) => total + of(host), 0);

function ScopeWords({ scope }: Pick<LogForward, 'scope'>) {
  const text = scopeText(scope);
  if (text === '') return t('forward.all');
  return scope.app === undefined ? t('forward.allOf', { group: text }) : text;
}

const columns = (chosen: string | undefined): readonly Column<LogForward>[] => [
  {
    label: t('form.name'),
    cell: ({ name }) => (
      <a href={linkTo(['apps'], { tab: 'forwarding', forward: name })} aria-current={name === chosen || undefined}>
        {name}
      </a>
    ),
  },
  { label: t('forward.to'), cell: ({ url }) => <span class="wrap">{url}</span> },
  { label: t('forward.logs'), cell: ({ scope }) => <ScopeWords scope={scope} /> },
  {
    label: t('column.state'),
    cell: (forward) => {
      const { tone, word } = forwardState(forward);
      return <Status tone={tone}>{t(word)}</Status>;
    },
  },
  {
    label: t('forward.sentLines'),
    isNumber: true,
    cell: (forward) => count(sum(forward, ({ sentLines }) => sentLines)),
  },
  {
    label: t('forward.droppedLines'),
    isNumber: true,
    cell: (forward) => count(sum(forward, ({ droppedLines }) => droppedLines)),
  },
  {
    label: t('forward.waiting'),
    isNumber: true,
    cell: (forward) => formatBytes(sum(forward, ({ waitingBytes }) => waitingBytes)),
  },
  {
    label: t('column.actions'),
    isActions: true,
    cell: (forward) => (
      <EditAndDelete
        edits="log-forward.put"
        deletes="log-forward.delete"
        edit={() => <ForwardDialog forward={forward} />}
        title={t('forward.deleteTitle', { name: forward.name })}
        what={t('forward.deleteWhat')}
        onDelete={async () => {
          await deleteLogForward(forward.name);
          refresh(forwardsPath);
        }}
      />
    ),
  },
];

function HostsPanel({ forward }: { readonly forward: LogForward }) {
  const { name, url, headerName, verify, caPem, updatedAt, updatedBy, hosts, missing } = forward;
  return (
    <Panel title={t('forward.hosts', { name })} isFlush>
      <div class="panel-body stack-tight">
        <Facts
          facts={[
            [t('forward.to'), <code key="to">{url}</code>],
            ...(headerName === undefined ? [] : [[t('forward.headerName'), headerName] as const]),
            ...(verify ? [] : [[t('forward.certificate'), t('forward.unverified')] as const]),
            ...(caPem === undefined ? [] : [[t('forward.ca'), t('forward.caOwn')] as const]),
            [t('column.changed'), <Age key="changed" at={updatedAt} />],
            [t('column.by'), updatedBy],
          ]}
        />
        {missing.map(({ hostId, hostName, code }) => (
          <p key={hostId} class="note" role="status">
            {t('forward.missing', { host: hostName, code })}
          </p>
        ))}
      </div>
      {hosts.length > 0 && (
        <Table
          caption={t('forward.hosts', { name })}
          columns={hostColumns()}
          items={hosts}
          keyOf={({ hostId }) => hostId}
        />
      )}
    </Panel>
  );
}

const hostColumns = (): readonly Column<HostState>[] => [
  { label: t('host.one'), cell: ({ hostId, hostName }) => <a href={linkTo(['hosts', hostId])}>{hostName}</a> },
  {
    label: t('column.state'),
    cell: (host) => {
      const { tone, word } = hostForwardState(host);
      return <Status tone={tone}>{t(word)}</Status>;
    },
  },
  { label: t('forward.sentLines'), isNumber: true, cell: ({ sentLines }) => count(sentLines) },
  { label: t('forward.droppedLines'), isNumber: true, cell: ({ droppedLines }) => count(droppedLines) },
  { label: t('forward.waiting'), isNumber: true, cell: ({ waitingBytes }) => formatBytes(waitingBytes) },
  { label: t('forward.why'), cell: ({ detail }) => <span class="wrap">{detail || '–'}</span> },
];
