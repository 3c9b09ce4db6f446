import { useState } from 'preact/hooks';
import type { Host } from '../../../protocol/schemas/host.ts';
import { changeHost } from '../../api/actions.ts';
import { t } from '../../text/text.ts';
import { ActionDialog, openDialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { IfMay } from '../../ui/if-may.tsx';
import { Panel } from '../../ui/panel.tsx';
import { labelChanges } from './label-changes.ts';

/** What rules of clusters and versions look at. */
export function LabelsPanel({ host }: { readonly host: Host }) {
  return (
    <Panel
      title={t('host.labels')}
      actions={
        <IfMay does="host.set">
          <button type="button" class="quiet" onClick={() => openDialog(() => <EditLabels host={host} />)}>
            {t('action.edit')}
          </button>
        </IfMay>
      }
    >
      <ul class="labels">
        {Object.entries(host.labels)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, value]) => (
            <li key={key}>{value === '' ? key : `${key}=${value}`}</li>
          ))}
      </ul>
    </Panel>
  );
}

function EditLabels({ host }: { readonly host: Host }) {
  const [text, setText] = useState(
    Object.entries(host.labels)
      .map((pair) => pair.join('='))
      .sort()
      .join('\n'),
  );
  const changes = labelChanges(host.labels, text);
  return (
    <ActionDialog
      title={t('host.labelsTitle', { name: host.name })}
      action={t('action.save')}
      canAct={changes.ok && Object.keys(changes.labels).length > 0}
      onAct={() => changeHost(host.id, { labels: changes.ok ? changes.labels : {} })}
    >
      <Field
        label={t('host.labels')}
        hint={t('host.labelsHint')}
        fault={changes.ok ? undefined : t('host.labelsFault', { line: changes.line })}
      >
        {(ties) => (
          <textarea
            {...ties}
            rows={12}
            spellcheck={false}
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        )}
      </Field>
    </ActionDialog>
  );
}
