import { useClusters } from '../../store/lists.ts';
import type { MessageKey } from '../../text/messages.ts';
import { t } from '../../text/text.ts';
import { Field } from '../../ui/field.tsx';
import { Panel } from '../../ui/panel.tsx';
import type { Faults } from './check.ts';
import type { Field as FieldName, Form, Unread } from './draft.ts';

interface SpecFieldsProps {
  readonly form: Form;
  readonly faults: Faults;
  readonly unread: Unread;
  /** Whether empty fields are to be marked too. */
  readonly wasTried: boolean;
  readonly onChange: (change: Partial<Form>) => void;
}

/** Where in the request a field stands. */
const pointers: Partial<Record<FieldName, string>> = {
  image: '/spec/image',
  replicas: '/replicas',
  memory: '/spec/memoryBytes',
  cpu: '/spec/cpuMilli',
  ports: '/spec/ports',
  env: '/spec/env',
  command: '/spec/command',
  healthPort: '/spec/health',
  healthPath: '/spec/health/http/path',
  healthCommand: '/spec/health/command',
  canary: '/canary',
};

export function SpecFields({ form, faults, unread, wasTried, onChange }: SpecFieldsProps) {
  const { value: clusters = [] } = useClusters();
  const faultOf = (field: FieldName): string | undefined => {
    if (unread.has(field)) return t('form.unreadable');
    const pointer = pointers[field];
    if (pointer === undefined || (form[field] === '' && !wasTried)) return undefined;
    return [...faults].find(([at]) => at === pointer || at.startsWith(`${pointer}/`))?.[1];
  };
  const input = (field: FieldName, label: MessageKey, hint: MessageKey, placeholder = '') => (
    <Field label={t(label)} hint={t(hint)} fault={faultOf(field)}>
      {(ties) => (
        <input
          {...ties}
          name={field}
          value={form[field]}
          placeholder={placeholder}
          spellcheck={false}
          autocomplete="off"
          onInput={({ currentTarget }) => onChange({ [field]: currentTarget.value })}
        />
      )}
    </Field>
  );
  const area = (field: FieldName, label: MessageKey, hint: MessageKey, rows: number) => (
    <Field label={t(label)} hint={t(hint)} fault={faultOf(field)} isWide>
      {(ties) => (
        <textarea
          {...ties}
          name={field}
          rows={rows}
          value={form[field]}
          spellcheck={false}
          onInput={({ currentTarget }) => onChange({ [field]: currentTarget.value })}
        />
      )}
    </Field>
  );
  return (
    <>
      <Panel title={t('deploy.runs')}>
        <div class="form-grid">
          <div class="whole">{input('image', 'column.image', 'deploy.imageHint', '127.0.0.1:5000/shop/web:1')}</div>
          {input('replicas', 'column.replicas', 'deploy.replicasHint')}
          <Field label={t('cluster.one')} hint={t('deploy.clusterHint')}>
            {(ties) => (
              <select
                {...ties}
                name="cluster"
                value={form.cluster}
                onChange={({ currentTarget }) => onChange({ cluster: currentTarget.value })}
              >
                {[...new Set(['default', form.cluster, ...clusters.map(({ name }) => name)])].map((name) => (
                  <option key={name} value={name}>
                    {name}
                  </option>
                ))}
              </select>
            )}
          </Field>
          {input('memory', 'capacity.memory', 'deploy.memoryHint', '256m')}
          {input('cpu', 'capacity.cpu', 'deploy.cpuHint', '0.5')}
          {input('ports', 'column.ports', 'deploy.portsHint', '8080:80')}
        </div>
      </Panel>
      <Panel title={t('deploy.health')}>
        <div class="form-grid">
          <Field label={t('deploy.health')} hint={t('deploy.healthHint')}>
            {(ties) => (
              <select
                {...ties}
                name="health"
                value={form.health}
                onChange={({ currentTarget }) => onChange({ health: currentTarget.value as Form['health'] })}
              >
                {(['image', 'http', 'tcp', 'command', 'none'] as const).map((kind) => (
                  <option key={kind} value={kind}>
                    {t(`deploy.health.${kind}`)}
                  </option>
                ))}
              </select>
            )}
          </Field>
          {(form.health === 'http' || form.health === 'tcp') &&
            input('healthPort', 'deploy.healthPort', 'deploy.healthPortHint', '80')}
          {form.health === 'http' && input('healthPath', 'deploy.healthPath', 'deploy.healthPathHint', '/healthz')}
          {form.health === 'command' && area('healthCommand', 'deploy.healthCommand', 'deploy.wordsHint', 3)}
        </div>
      </Panel>
      <Panel title={t('deploy.more')}>
        <div class="form-grid">
          {area('env', 'deploy.env', 'deploy.envHint', 4)}
          {area('command', 'deploy.command', 'deploy.wordsHint', 3)}
          <Field label={t('rollout.strategy')} hint={t('deploy.strategyHint')}>
            {(ties) => (
              <select
                {...ties}
                name="strategy"
                value={form.strategy}
                onChange={({ currentTarget }) => onChange({ strategy: currentTarget.value as Form['strategy'] })}
              >
                <option value="">{t('deploy.ofApp')}</option>
                <option value="rolling">rolling</option>
                <option value="blue-green">blue-green</option>
              </select>
            )}
          </Field>
          {input('canary', 'deploy.canary', 'deploy.canaryHint')}
        </div>
      </Panel>
    </>
  );
}
