import type { RolloutAction } from '../../../protocol/schemas/commands.ts';
import type { RolloutView } from '../../../protocol/schemas/rollout.ts';
import { actOnRollout } from '../../api/actions.ts';
import type { Tone } from '../../format/tone.ts';
import { t } from '../../text/text.ts';
import { ActionDialog, openDialog } from '../../ui/dialog.tsx';
import { IfMay } from '../../ui/if-may.tsx';
import { Facts, Panel } from '../../ui/panel.tsx';
import { ProblemBox } from '../../ui/problem-box.tsx';
import { Badge } from '../../ui/status.tsx';

const tones: Readonly<Record<RolloutView['phase'], Tone>> = {
  rolling: 'busy',
  holding: 'warn',
  paused: 'warn',
  reverting: 'bad',
};

interface RolloutPanelProps {
  readonly group: string;
  readonly app: string;
  readonly cluster: string;
  readonly rollout: RolloutView;
}

/** A version that takes over from another: how far it is, what it waits for, and what can be done. */
export function RolloutPanel({ group, app, cluster, rollout }: RolloutPanelProps) {
  const { phase, from, to, strategy, batch, open, proven, paused, stopFirst, reverting } = rollout;
  const actions: readonly RolloutAction[] =
    phase === 'holding'
      ? ['continue', 'abort']
      : phase === 'paused'
        ? ['resume', 'abort']
        : phase === 'rolling'
          ? ['pause', 'abort']
          : [];
  const ask = (action: RolloutAction): void => {
    openDialog(() => (
      <ActionDialog
        title={t(`rollout.${action}`)}
        action={t(`rollout.${action}`)}
        isDanger={action === 'abort'}
        onAct={() => actOnRollout({ group, app }, cluster, action)}
      >
        <p>{t(`rollout.${action}What`, { from: from.version, to })}</p>
      </ActionDialog>
    ));
  };
  return (
    <Panel
      title={t('rollout.title', { from: from.version, to })}
      actions={
        <>
          <Badge tone={tones[phase]}>{t(`rollout.phase.${phase}`)}</Badge>
          {actions.map((action) => (
            <IfMay key={action} does="app.rollout">
              <button type="button" class={action === 'abort' ? 'danger' : undefined} onClick={() => ask(action)}>
                {t(`rollout.${action}`)}
              </button>
            </IfMay>
          ))}
        </>
      }
    >
      <div class="stack">
        {reverting !== undefined && <ProblemBox problem={reverting} />}
        {paused !== undefined && <p class="note">{paused.detail}</p>}
        {stopFirst !== undefined && <p class="note">{stopFirst}</p>}
        <Facts
          facts={[
            [t('rollout.strategy'), strategy],
            [t('rollout.batch'), batch],
            [t('rollout.open'), open],
            [t('rollout.proven'), proven],
          ]}
        />
      </div>
    </Panel>
  );
}
