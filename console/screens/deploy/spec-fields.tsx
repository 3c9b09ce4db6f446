import { useClusters } from '../../store/lists.ts';
import { t } from '../../text/text.ts';
import { Fold } from '../../ui/fold.tsx';
import { Panel } from '../../ui/panel.tsx';
import type { Form } from './draft.ts';
import { FilesFields } from './files-fields.tsx';
import { type FieldsProps, fieldsOf } from './form-fields.tsx';
import { HealthFields } from './health-fields.tsx';
import { PlacementFields } from './placement-fields.tsx';
import { RolloutFields } from './rollout-fields.tsx';

interface SpecFieldsProps extends FieldsProps {
  readonly app: { readonly group: string; readonly app: string };
}

/** What nearly everybody says at the top; the rest folded, each part with a word on what it holds. */
export function SpecFields({ app, ...props }: SpecFieldsProps) {
  const { value: clusters = [] } = useClusters();
  const { form } = props;
  const { input, area, choice, isFaulty } = fieldsOf(props);
  const names = [...new Set(['default', form.cluster, ...clusters.map(({ name }) => name)])];
  return (
    <>
      <Panel title={t('deploy.runs')}>
        <div class="form-grid">
          <div class="whole">{input('image', 'column.image', 'deploy.imageHint', '127.0.0.1:5000/shop/web:1')}</div>
          {input('replicas', 'column.replicas', 'deploy.replicasHint')}
          {choice(
            'cluster',
            'cluster.one',
            'deploy.clusterHint',
            names.map((name) => ({ value: name, word: name })),
          )}
          {input('memory', 'capacity.memory', 'deploy.memoryHint', '256m')}
          {input('cpu', 'capacity.cpu', 'deploy.cpuHint', '0.5')}
          {input('ports', 'column.ports', 'deploy.portsHint', '8080:80')}
        </div>
      </Panel>
      <HealthFields {...props} />
      <Fold
        title={t('deploy.inside')}
        summary={insideOf(form)}
        isFaulty={isFaulty('env', 'command', 'volumes', 'description')}
      >
        <div class="form-grid">
          {area('env', 'deploy.env', 'deploy.envHint', 4)}
          {area('command', 'deploy.command', 'deploy.wordsHint', 3)}
          {area('volumes', 'deploy.volumes', 'deploy.volumesHint', 2)}
          {choice('restart', 'deploy.restart', 'deploy.restartHint', [
            { value: '', word: t('deploy.restart.usual') },
            { value: 'always', word: t('deploy.restart.always') },
            { value: 'on-failure', word: t('deploy.restart.onFailure') },
            { value: 'never', word: t('deploy.restart.never') },
          ])}
          {input('description', 'column.description', 'deploy.descriptionHint')}
        </div>
      </Fold>
      <FilesFields {...props} app={app} />
      <PlacementFields {...props} />
      <RolloutFields {...props} />
    </>
  );
}

function insideOf({ env, command, volumes }: Form): string {
  const count = (text: string): number => text.split('\n').filter((line) => line.trim() !== '').length;
  const words = [
    env.trim() === '' ? '' : t('deploy.variables', { count: count(env) }),
    command.trim() === '' ? '' : t('deploy.ownCommand'),
    volumes.trim() === '' ? '' : t('deploy.volumesCount', { count: count(volumes) }),
  ].filter((word) => word !== '');
  return words.join(' · ') || t('deploy.asImage');
}
