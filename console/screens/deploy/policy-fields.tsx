import { t } from '../../text/text.ts';
import { type FieldsProps, fieldsOf } from './form-fields.tsx';

interface Props extends FieldsProps {
  /** What an empty choice stands for. */
  readonly usual: string;
}

/** How containers of an app are exchanged: by one deploy, or by all that say nothing else. */
export function PolicyFields({ usual, ...props }: Props) {
  const { input, choice } = fieldsOf(props);
  return (
    <>
      {choice('strategy', 'rollout.strategy', 'deploy.strategyHint', [
        { value: '', word: usual },
        { value: 'rolling', word: 'rolling' },
        { value: 'blue-green', word: 'blue-green' },
      ])}
      {input('batch', 'rollout.batch', 'deploy.batchHint')}
      {input('maxUnavailable', 'deploy.maxUnavailable', 'deploy.maxUnavailableHint')}
      {input('maxSurge', 'deploy.maxSurge', 'deploy.maxSurgeHint')}
      {input('minHealthy', 'deploy.minHealthy', 'deploy.minHealthyHint', '2s')}
      {input('healthyDeadline', 'deploy.healthyDeadline', 'deploy.healthyDeadlineHint', '5m')}
      {input('progressDeadline', 'deploy.progressDeadline', 'deploy.progressDeadlineHint', '10m')}
      {choice('onFailure', 'deploy.onFailure', 'deploy.onFailureHint', [
        { value: '', word: usual },
        { value: 'rollback', word: t('deploy.onFailure.rollback') },
        { value: 'pause', word: t('deploy.onFailure.pause') },
      ])}
    </>
  );
}
