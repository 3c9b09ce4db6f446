import { useState } from 'preact/hooks';
import type { App, HostLossPolicy } from '../../../protocol/schemas/model.ts';
import { appPath, putApp } from '../../api/actions.ts';
import { parseDuration, writeDuration } from '../../format/quantity.ts';
import { readWhole } from '../../format/rules.ts';
import { refresh } from '../../store/resource.ts';
import { t } from '../../text/text.ts';
import { ActionDialog } from '../../ui/dialog.tsx';
import { ChoiceField, TextField } from '../../ui/text-field.tsx';

type Loss = '' | HostLossPolicy['replace'];
const LOSS_AFTER_MS = 30_000;

/** What holds for an app whatever its version: its words, what a lost host means, and the pace of its rollouts. */
export function AppSettings({ app }: { readonly app: App }) {
  const { rollout = {}, onHostLoss } = app;
  const [description, setDescription] = useState(app.description ?? '');
  const [loss, setLoss] = useState<Loss>(onHostLoss?.replace ?? '');
  const [after, setAfter] = useState(writeDuration(onHostLoss?.afterMs ?? LOSS_AFTER_MS));
  const [batch, setBatch] = useState(rollout.batch === undefined ? '' : String(rollout.batch));
  const [healthy, setHealthy] = useState(rollout.minHealthyMs === undefined ? '' : writeDuration(rollout.minHealthyMs));
  const [onFailure, setOnFailure] = useState<'' | 'rollback' | 'pause'>(rollout.onFailure ?? '');
  const afterMs = parseDuration(after);
  const batchCount = batch.trim() === '' ? undefined : readWhole(batch);
  const minHealthyMs = healthy.trim() === '' ? undefined : parseDuration(healthy);
  const isBatch = batch.trim() === '' || (batchCount ?? 0) >= 1;
  const isHealthy = healthy.trim() === '' || minHealthyMs !== undefined;
  const onAct = async (): Promise<void> => {
    const { batch: _b, minHealthyMs: _m, onFailure: _f, ...others } = rollout;
    await putApp(
      { group: app.group, app: app.name },
      {
        description: description.trim(),
        ...(loss === '' || afterMs === undefined ? {} : { onHostLoss: { replace: loss, afterMs } }),
        rollout: {
          ...others,
          ...(batchCount === undefined ? {} : { batch: batchCount }),
          ...(minHealthyMs === undefined ? {} : { minHealthyMs }),
          ...(onFailure === '' ? {} : { onFailure }),
        },
      },
    );
    refresh(appPath({ group: app.group, app: app.name }));
  };
  return (
    <ActionDialog
      title={t('appSettings.title', { app: `${app.group}/${app.name}` })}
      action={t('action.save')}
      canAct={isBatch && isHealthy && (loss === '' || afterMs !== undefined)}
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
      <TextField
        label={t('rollout.batch')}
        hint={t('deploy.batchHint')}
        fault={isBatch ? undefined : t('form.unreadable')}
        value={batch}
        onText={setBatch}
      />
      <TextField
        label={t('deploy.minHealthy')}
        hint={t('deploy.minHealthyHint')}
        fault={isHealthy ? undefined : t('form.unreadable')}
        placeholder="2s"
        value={healthy}
        onText={setHealthy}
      />
      <ChoiceField
        label={t('deploy.onFailure')}
        value={onFailure}
        choices={[
          { value: '', word: t('appSettings.onFailure.usual') },
          { value: 'rollback', word: t('deploy.onFailure.rollback') },
          { value: 'pause', word: t('deploy.onFailure.pause') },
        ]}
        onChoice={(value) => setOnFailure(value as '' | 'rollback' | 'pause')}
      />
    </ActionDialog>
  );
}
