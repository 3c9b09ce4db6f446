import { t } from '../../text/text.ts';
import { Fold } from '../../ui/fold.tsx';
import type { Form } from './draft.ts';
import { type FieldsProps, fieldsOf } from './form-fields.tsx';
import { PolicyFields } from './policy-fields.tsx';

/** How running replicas are exchanged for this version. */
export function RolloutFields(props: FieldsProps) {
  const { form } = props;
  const { input, choice, isFaulty } = fieldsOf(props);
  return (
    <Fold
      title={t('deploy.rollout')}
      summary={wordsOf(form)}
      isFaulty={isFaulty(
        ...(['canary', 'batch', 'maxUnavailable', 'maxSurge', 'minHealthy'] as const),
        ...(['healthyDeadline', 'progressDeadline'] as const),
      )}
    >
      <div class="form-grid">
        <PolicyFields {...props} usual={t('deploy.ofApp')} />
        {form.strategy === 'blue-green' &&
          choice('hold', 'deploy.hold', 'deploy.holdHint', [
            { value: '', word: t('deploy.hold.no') },
            { value: 'hold', word: t('deploy.hold.yes') },
          ])}
        {input('canary', 'deploy.canary', 'deploy.canaryHint')}
      </div>
    </Fold>
  );
}

function wordsOf({ strategy, canary, batch, onFailure }: Form): string {
  const words = [
    strategy,
    canary.trim() === '' ? '' : t('deploy.canaryFirst', { count: canary.trim() }),
    batch.trim() === '' ? '' : t('deploy.batchOf', { count: batch.trim() }),
    onFailure === '' ? '' : t(`deploy.onFailure.${onFailure}`),
  ].filter((word) => word !== '');
  return words.join(' · ') || t('deploy.ofApp');
}
