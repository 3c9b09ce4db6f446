import type { Operation } from '../../../protocol/schemas/operation.ts';
import { useOperations } from '../../store/lists.ts';
import { route, setQuery } from '../../store/router.ts';
import { t } from '../../text/text.ts';
import { Empty, PageHead, Panel } from '../../ui/panel.tsx';
import { ReadingView } from '../../ui/reading.tsx';
import { OperationTable } from './operation-table.tsx';

const kinds = [
  ...(['deploy', 'upgrade', 'rollback', 'scale', 'undeploy', 'delete-app'] as const),
  ...(['drain', 'rebalance', 'preheat', 'verify', 'collect'] as const),
] as const satisfies readonly Operation['kind'][];
const states = ['running', 'succeeded', 'failed', 'cancelled'] as const;

/** The newest so many. */
const SHOWN = '200';

/** What takes long: now, and in the last week. */
export function OperationsScreen() {
  const state = route.value.query.get('state') ?? '';
  const kind = route.value.query.get('kind') ?? '';
  const reading = useOperations({
    limit: SHOWN,
    ...(state === '' ? {} : { state }),
    ...(kind === '' ? {} : { kind }),
  });
  return (
    <>
      <PageHead
        title={t('nav.operations')}
        actions={
          <>
            <select
              class="search"
              aria-label={t('event.kind')}
              value={kind}
              onChange={({ currentTarget }) => setQuery({ kind: currentTarget.value })}
            >
              <option value="">{t('filter.anyKind')}</option>
              {kinds.map((one) => (
                <option key={one} value={one}>
                  {t(`kind.${one}`)}
                </option>
              ))}
            </select>
            <select
              class="search"
              aria-label={t('column.state')}
              value={state}
              onChange={({ currentTarget }) => setQuery({ state: currentTarget.value })}
            >
              <option value="">{t('filter.anyState')}</option>
              {states.map((one) => (
                <option key={one} value={one}>
                  {t(`operation.${one}`)}
                </option>
              ))}
            </select>
          </>
        }
      />
      <ReadingView of={reading}>
        {(operations) => (
          <Panel title={t('operation.many')} isFlush>
            {operations.length === 0 ? (
              <Empty title={t('operation.none')}>{t('operation.noneWhat')}</Empty>
            ) : (
              <OperationTable operations={operations} />
            )}
          </Panel>
        )}
      </ReadingView>
    </>
  );
}
