import { t } from '../../text/text.ts';
import { Fold } from '../../ui/fold.tsx';
import type { Form } from './draft.ts';
import { type FieldsProps, fieldsOf } from './form-fields.tsx';

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
        {choice('strategy', 'rollout.strategy', 'deploy.strategyHint', [
          { value: '', word: t('deploy.ofApp') },
          { value: 'rolling', word: 'rolling' },
          { value: 'blue-green', word: 'blue-green' },
        ])}
        {form.strategy === 'blue-green' &&
          choice('hold', 'deploy.hold', 'deploy.holdHint', [
            { value: '', word: t('deploy.hold.no') },
            { value: 'hold', word: t('deploy.hold.yes') },
          ])}
        {input('canary', 'deploy.canary', 'deploy.canaryHint')}
        {input('batch', 'rollout.batch', 'deploy.batchHint')}
        {input('maxUnavailable', 'deploy.maxUnavailable', 'deploy.maxUnavailableHint')}
        {input('maxSurge', 'deploy.maxSurge', 'deploy.maxSurgeHint')}
        {input('minHealthy', 'deploy.minHealthy', 'deploy.minHealthyHint', '2s')}
        {input('healthyDeadline', 'deploy.healthyDeadline', 'deploy.healthyDeadlineHint', '5m')}
        {input('progressDeadline', 'deploy.progressDeadline', 'deploy.progressDeadlineHint', '10m')}
        {choice('onFailure', 'deploy.onFailure', 'deploy.onFailureHint', [
          { value: '', word: t('deploy.ofApp') },
          { value: 'rollback', word: t('deploy.onFailure.rollback') },
          { value: 'pause', word: t('deploy.onFailure.pause') },
        ])}
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
