import { t } from '../../text/text.ts';
import { Fold } from '../../ui/fold.tsx';
import type { Form } from './draft.ts';
import { type FieldsProps, fieldsOf } from './form-fields.tsx';

/** On which hosts replicas may be, and how they are spread. */
export function PlacementFields(props: FieldsProps) {
  const { input, area, isFaulty } = fieldsOf(props);
  return (
    <Fold
      title={t('deploy.placement')}
      summary={wordsOf(props.form)}
      isFaulty={isFaulty('constraints', 'affinity', 'spread', 'maxPerHost')}
    >
      <div class="form-grid">
        {area('constraints', 'deploy.constraints', 'deploy.constraintsHint', 3)}
        {area('affinity', 'deploy.affinity', 'deploy.affinityHint', 2)}
        {area('spread', 'deploy.spread', 'deploy.spreadHint', 2)}
        {input('maxPerHost', 'deploy.maxPerHost', 'deploy.maxPerHostHint')}
      </div>
    </Fold>
  );
}

function wordsOf({ constraints, affinity, spread, maxPerHost }: Form): string {
  const words = [
    ...`${constraints}\n${affinity}`.split('\n'),
    spread.trim() === '' ? '' : t('deploy.spreadOver', { labels: spread.trim().replaceAll('\n', ', ') }),
    maxPerHost.trim() === '' ? '' : t('deploy.atMostPerHost', { count: maxPerHost.trim() }),
  ].filter((word) => word.trim() !== '');
  return words.join(' · ') || t('deploy.placement.usual');
}
