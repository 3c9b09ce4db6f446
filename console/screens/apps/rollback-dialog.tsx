import { useState } from 'preact/hooks';
import { rollBack } from '../../api/actions.ts';
import { linkTo } from '../../store/link.ts';
import { goTo } from '../../store/router.ts';
import { t } from '../../text/text.ts';
import { ActionDialog } from '../../ui/dialog.tsx';
import { Fold } from '../../ui/fold.tsx';
import { ChoiceField } from '../../ui/text-field.tsx';
import { formOf, requestOf } from '../deploy/draft.ts';
import { PolicyFields } from '../deploy/policy-fields.tsx';

interface Props {
  readonly name: { readonly group: string; readonly app: string };
  readonly cluster: string;
  /** Versions that worked there before, the last one first. */
  readonly earlier: readonly number[];
}

/** To which version an app goes back, and at which pace. */
export function RollbackDialog({ name, cluster, earlier }: Props) {
  const [to, setTo] = useState(String(earlier[0]));
  const [form, setForm] = useState(() => formOf({}));
  const { request, unread } = requestOf(form, {});
  const onAct = async (): Promise<void> => {
    const operation = await rollBack(name, cluster, Number(to), request.rollout);
    goTo(linkTo(['operations', operation.id]));
  };
  return (
    <ActionDialog
      title={t('rollback.title', { app: name.app })}
      action={t('rollback.action')}
      canAct={unread.size === 0}
      onAct={onAct}
    >
      <p>{t('rollback.what', { cluster })}</p>
      <ChoiceField
        label={t('column.version')}
        value={to}
        choices={earlier.map((number) => ({ value: String(number), word: `v${number}` }))}
        onChoice={setTo}
      />
      <Fold title={t('deploy.rollout')} summary={t('deploy.ofApp')} isFaulty={unread.size > 0}>
        <PolicyFields
          form={form}
          faults={new Map()}
          unread={unread}
          wasTried={false}
          usual={t('deploy.ofApp')}
          onChange={(change) => setForm({ ...form, ...change })}
        />
      </Fold>
    </ActionDialog>
  );
}
