import { t } from '../../text/text.ts';
import { Fold } from '../../ui/fold.tsx';
import type { Form } from './draft.ts';
import { type FieldsProps, fieldsOf } from './form-fields.tsx';

const kinds = ['image', 'http', 'tcp', 'command', 'none'] as const;

/** How it is known that a replica works. */
export function HealthFields(props: FieldsProps) {
  const { form } = props;
  const { input, area, choice, isFaulty } = fieldsOf(props);
  const hasTiming = form.health === 'http' || form.health === 'tcp' || form.health === 'command';
  return (
    <Fold
      title={t('deploy.health')}
      summary={wordsOf(form)}
      isFaulty={isFaulty(
        ...(['healthPort', 'healthPath', 'healthCommand', 'healthInterval', 'healthTimeout'] as const),
        ...(['healthRetries', 'healthStart'] as const),
      )}
    >
      <div class="form-grid">
        {choice(
          'health',
          'deploy.health',
          'deploy.healthHint',
          kinds.map((kind) => ({ value: kind, word: t(`deploy.health.${kind}`) })),
        )}
        {(form.health === 'http' || form.health === 'tcp') &&
          input('healthPort', 'deploy.healthPort', 'deploy.healthPortHint', '80')}
        {form.health === 'http' && input('healthPath', 'deploy.healthPath', 'deploy.healthPathHint', '/healthz')}
        {form.health === 'command' && area('healthCommand', 'deploy.healthCommand', 'deploy.wordsHint', 3)}
        {hasTiming && (
          <>
            {input('healthInterval', 'deploy.healthInterval', 'deploy.healthIntervalHint', '2s')}
            {input('healthTimeout', 'deploy.healthTimeout', 'deploy.healthTimeoutHint', '5s')}
            {input('healthRetries', 'deploy.healthRetries', 'deploy.healthRetriesHint', '3')}
            {input('healthStart', 'deploy.healthStart', 'deploy.healthStartHint', '0s')}
          </>
        )}
      </div>
    </Fold>
  );
}

function wordsOf({ health, healthPort, healthPath }: Form): string {
  const kind = t(`deploy.health.${health}`);
  if (health === 'http') return `${kind} :${healthPort}${healthPath || '/'}`;
  return health === 'tcp' ? `${kind} :${healthPort}` : kind;
}
