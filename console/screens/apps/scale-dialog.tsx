import { useState } from 'preact/hooks';
import type { Deployment } from '../../../protocol/schemas/model.ts';
import { scale } from '../../api/actions.ts';
import { linkTo } from '../../store/link.ts';
import { goTo } from '../../store/router.ts';
import { t } from '../../text/text.ts';
import { ActionDialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { PlanView } from '../deploy/plan-view.tsx';
import { usePlan } from '../deploy/use-plan.ts';

interface ScaleDialogProps {
  readonly name: { readonly group: string; readonly app: string };
  readonly deployment: Deployment;
  /** What is proposed. */
  readonly replicas: number;
}

const REPLICAS_MAX = 1_000;

/** Asks for the number of replicas, and says before it is done where more of them would go. */
export function ScaleDialog({ name, deployment, replicas }: ScaleDialogProps) {
  const [text, setText] = useState(String(replicas));
  const wanted = /^\d{1,4}$/.test(text) && Number(text) <= REPLICAS_MAX ? Number(text) : undefined;
  const more = (wanted ?? 0) - deployment.replicas;
  const { cluster, version, rollout } = deployment;
  // A rollout under way is scaled by itself, not as a deployment is.
  const isPlanned = more > 0 && rollout === undefined;
  const planned = usePlan(name, isPlanned ? { cluster, version, replicas: wanted } : undefined);
  return (
    <ActionDialog
      title={t('scale.title', { app: `${name.group}/${name.app}`, cluster: deployment.cluster })}
      action={t('scale.action')}
      canAct={wanted !== undefined && more !== 0}
      onAct={async () => {
        const operation = await scale(name, deployment.cluster, wanted ?? deployment.replicas);
        goTo(linkTo(['operations', operation.id]));
      }}
    >
      <Field
        label={t('column.replicas')}
        hint={t('scale.now', { replicas: deployment.replicas })}
        fault={wanted === undefined ? t('form.wholeNumber', { most: REPLICAS_MAX }) : undefined}
      >
        {(ties) => (
          <input
            {...ties}
            inputMode="numeric"
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        )}
      </Field>
      {isPlanned && <PlanView planned={planned} />}
      {more < 0 && <p class="note">{t('scale.fewer', { count: -more })}</p>}
    </ActionDialog>
  );
}
