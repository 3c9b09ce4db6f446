import type { MessageKey } from '../../text/messages.ts';
import { t } from '../../text/text.ts';
import { ChoiceField, TextField } from '../../ui/text-field.tsx';
import { type Count, type Duration, isReadable, type RolloutDraft } from './rollout-draft.ts';

interface Props {
  readonly draft: RolloutDraft;
  readonly onDraft: (draft: RolloutDraft) => void;
}

const fields: readonly (readonly [name: Count | Duration, label: MessageKey, hint: MessageKey, placeholder: string])[] =
  [
    ['batch', 'rollout.batch', 'deploy.batchHint', ''],
    ['maxUnavailable', 'deploy.maxUnavailable', 'deploy.maxUnavailableHint', ''],
    ['maxSurge', 'deploy.maxSurge', 'deploy.maxSurgeHint', ''],
    ['minHealthyMs', 'deploy.minHealthy', 'deploy.minHealthyHint', '2s'],
    ['healthyDeadlineMs', 'deploy.healthyDeadline', 'deploy.healthyDeadlineHint', '5m'],
    ['progressDeadlineMs', 'deploy.progressDeadline', 'deploy.progressDeadlineHint', '10m'],
  ];

/** How containers of an app are exchanged unless a deploy says otherwise. */
export function RolloutDefaults({ draft, onDraft }: Props) {
  const usual = { value: '', word: t('appSettings.onFailure.usual') };
  return (
    <>
      <ChoiceField
        label={t('rollout.strategy')}
        value={draft.strategy}
        choices={[usual, { value: 'rolling', word: 'rolling' }, { value: 'blue-green', word: 'blue-green' }]}
        onChoice={(value) => onDraft({ ...draft, strategy: value as RolloutDraft['strategy'] })}
      />
      {fields.map(([name, label, hint, placeholder]) => (
        <TextField
          key={name}
          label={t(label)}
          hint={t(hint)}
          fault={isReadable(draft, name) ? undefined : t('form.unreadable')}
          placeholder={placeholder}
          value={draft.texts[name]}
          onText={(text) => onDraft({ ...draft, texts: { ...draft.texts, [name]: text } })}
        />
      ))}
      <ChoiceField
        label={t('deploy.onFailure')}
        value={draft.onFailure}
        choices={[
          usual,
          { value: 'rollback', word: t('deploy.onFailure.rollback') },
          { value: 'pause', word: t('deploy.onFailure.pause') },
        ]}
        onChoice={(value) => onDraft({ ...draft, onFailure: value as RolloutDraft['onFailure'] })}
      />
    </>
  );
}
