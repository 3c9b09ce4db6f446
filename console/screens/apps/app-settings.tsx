import { useState } from 'preact/hooks';
import type { App, HostLossPolicy } from '../../../protocol/schemas/model.ts';
import { appPath, putApp } from '../../api/actions.ts';
import { parseDuration, writeDuration } from '../../format/quantity.ts';
import { refresh } from '../../store/resource.ts';
import { t } from '../../text/text.ts';
import { ActionDialog } from '../../ui/dialog.tsx';
import { ChoiceField, TextField } from '../../ui/text-field.tsx';
import { formOf, requestOf } from '../deploy/draft.ts';
import { PolicyFields } from '../deploy/policy-fields.tsx';

type Loss = '' | HostLossPolicy['replace'];
const LOSS_AFTER_MS = 30_000;

/** What holds for an app whatever its version: its words, what a lost host means, and the pace of its rollouts. */
export function AppSettings({ app }: { readonly app: App }) {
  const { rollout = {}, onHostLoss } = app;
  const [description, setDescription] = useState(app.description ?? '');
  const [loss, setLoss] = useState<Loss>(onHostLoss?.replace ?? '');
  const [after, setAfter] = useState(writeDuration(onHostLoss?.afterMs ?? LOSS_AFTER_MS));
  const [form, setForm] = useState(() => formOf({ rollout }));
  const afterMs = parseDuration(after);
  const { request, unread } = requestOf(form, {});
  const onAct = async (): Promise<void> => {
    await putApp(
      { group: app.group, app: app.name },
      {
        description: description.trim(),
        ...(loss === '' || afterMs === undefined ? {} : { onHostLoss: { replace: loss, afterMs } }),
        rollout: request.rollout ?? {},
      },
    );
    refresh(appPath({ group: app.group, app: app.name }));
  };
  return (
    <ActionDialog
      title={t('appSettings.title', { app: `${app.group}/${app.name}` })}
      action={t('action.save')}
      canAct={unread.size === 0 && (loss === '' || afterMs !== undefined)}
      onAct={onAct}
    >
      <TextField label={t('column.description')} value={description} onText={setDescription} />
      <ChoiceField
        label={t('appSettings.loss')}
        value={loss}
        choices={[
          ...(onHostLoss === undefined ? [{ value: '', word: t('appSettings.loss.usual') }] : []),
          { value: 'always', word: t('appSettings.loss.always') },
          { value: 'majority', word: t('appSettings.loss.majority') },
          { value: 'never', word: t('appSettings.loss.never') },
        ]}
        onChoice={(value) => setLoss(value as Loss)}
      />
      {loss !== '' && loss !== 'never' && (
        <TextField
          label={t('appSettings.after')}
          fault={afterMs === undefined ? t('form.unreadable') : undefined}
          value={after}
          onText={setAfter}
        />
      )}
      <PolicyFields
        form={form}
        faults={new Map()}
        unread={unread}
        wasTried={false}
        usual={t('appSettings.onFailure.usual')}
        onChange={(change) => setForm({ ...form, ...change })}
      />
    </ActionDialog>
  );
}
