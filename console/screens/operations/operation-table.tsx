import type { Operation } from '../../../protocol/schemas/operation.ts';
import { operationState } from '../../format/state.ts';
import { linkTo } from '../../store/link.ts';
import { t } from '../../text/text.ts';
import { Age } from '../../ui/age.tsx';
import { Progress } from '../../ui/meter.tsx';
import { Status } from '../../ui/status.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { Subject } from './subject.tsx';

/** Operations, each with how far it is. */
export function OperationTable({ operations }: { readonly operations: readonly Operation[] }) {
  const columns: readonly Column<Operation>[] = [
    {
      label: t('operation.one'),
      cell: (operation) => <a href={linkTo(['operations', operation.id])}>{t(`kind.${operation.kind}`)}</a>,
    },
    { label: t('operation.subject'), cell: (operation) => <Subject operation={operation} /> },
    {
      label: t('column.state'),
      cell: (operation) => {
        const { tone, word } = operationState(operation);
        return (
          <Status tone={tone} title={operation.problem?.detail}>
            {t(word)}
          </Status>
        );
      },
    },
    {
      label: t('column.progress'),
      cell: ({ done, total }) => <Progress done={done} total={total} label={t('column.progress')} />,
    },
    { label: t('column.begun'), cell: ({ createdAt }) => <Age at={createdAt} /> },
  ];
  return <Table caption={t('nav.operations')} columns={columns} items={operations} keyOf={({ id }) => id} />;
}
