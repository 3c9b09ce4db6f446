import { useState } from 'preact/hooks';
import type { Host } from '../../../protocol/schemas/host.ts';
import type { Move } from '../../../protocol/schemas/operation.ts';
import { rebalance } from '../../api/actions.ts';
import { isCount } from '../../format/name.ts';
import { linkTo } from '../../store/link.ts';
import { useHosts, useOperations } from '../../store/lists.ts';
import { useItem } from '../../store/resource.ts';
import { t } from '../../text/text.ts';
import { ActionDialog, openDialog } from '../../ui/dialog.tsx';
import { IfMay } from '../../ui/if-may.tsx';
import { Progress } from '../../ui/meter.tsx';
import { Empty, Panel } from '../../ui/panel.tsx';
import { ReadingView } from '../../ui/reading.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { OperationTable } from '../operations/operation-table.tsx';
import { Steps } from '../operations/steps.tsx';

/** As many as one operation takes. */
const MOVES_MAX = 500;
/** Unless asked otherwise, as the API has it. */
const MOVES = '50';

/** What would move so that apps are spread and hosts evenly used, and why; then does it, live. */
export function RebalanceTab() {
  const { value: operations = [] } = useOperations({ kind: 'rebalance', limit: '5' });
  const running = operations.find(({ state }) => state === 'running');
  const past = operations.filter(({ state }) => state !== 'running');
  return (
    <div class="stack">
      {running === undefined ? (
        <Plan />
      ) : (
        <Panel
          title={t('rebalance.running')}
          isFlush
          actions={
            <>
              <Progress done={running.done} total={running.total} label={t('column.progress')} />
              <a href={linkTo(['operations', running.id])}>{t('operation.one')}</a>
            </>
          }
        >
          <Steps operation={running} />
        </Panel>
      )}
      {past.length > 0 && (
        <Panel title={t('rebalance.past')} isFlush>
          <OperationTable operations={past} />
        </Panel>
      )}
    </div>
  );
}

function Plan() {
  const [most, setMost] = useState(MOVES);
  const isValid = isCount(most, MOVES_MAX);
  const plan = useItem<{ readonly moves: readonly Move[] }>(`/v1/rebalance?maxMoves=${isValid ? most : MOVES}`, [
    'containers',
    'hosts',
    'apps',
  ]);
  const { value: hosts = [] } = useHosts();
  return (
    <ReadingView of={plan}>
      {({ moves }) => (
        <Panel
          title={t('rebalance.plan', { moves: moves.length })}
          isFlush
          actions={
            <IfMay does="rebalance.start">
              <button
                type="button"
                class="primary"
                disabled={moves.length === 0 || !isValid}
                onClick={() => openDialog(() => <Ask moves={moves.length} most={Number(most)} />)}
              >
                {t('kind.rebalance')}
              </button>
            </IfMay>
          }
        >
          <div class="panel-body">
            <div class="form-grid">
              <TextField
                label={t('rebalance.most')}
                fault={isValid ? undefined : t('form.wholeNumber', { most: MOVES_MAX })}
                value={most}
                onText={setMost}
              />
            </div>
          </div>
          {moves.length === 0 ? (
            <Empty title={t('rebalance.even')}>{t('rebalance.evenWhat')}</Empty>
          ) : (
            <Table
              caption={t('rebalance.plan', { moves: moves.length })}
              columns={columns(hosts)}
              items={moves}
              keyOf={({ containerId }) => containerId}
            />
          )}
        </Panel>
      )}
    </ReadingView>
  );
}

const columns = (hosts: readonly Host[]): readonly Column<Move>[] => [
  {
    label: t('app.one'),
    cell: ({ group, app }) => <a href={linkTo(['apps', group, app])}>{`${group}/${app}`}</a>,
  },
  { label: t('column.replica'), cell: ({ replica }) => `#${replica}` },
  {
    label: t('rebalance.from'),
    cell: ({ hostId }) => (
      <a href={linkTo(['hosts', hostId])}>{hosts.find(({ id }) => id === hostId)?.name ?? hostId}</a>
    ),
  },
  { label: t('rebalance.why'), cell: ({ why }) => <span class="muted wrap">{why ?? ''}</span> },
];

const Ask = ({ moves, most }: { readonly moves: number; readonly most: number }) => (
  <ActionDialog title={t('rebalance.title', { moves })} action={t('kind.rebalance')} onAct={() => rebalance(most)}>
    <p>{t('rebalance.what')}</p>
  </ActionDialog>
);
