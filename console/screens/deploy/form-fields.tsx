import type { MessageKey } from '../../text/messages.ts';
import { t } from '../../text/text.ts';
import { Field } from '../../ui/field.tsx';
import type { Faults } from './check.ts';
import type { Field as FieldName, Form, Unread } from './draft.ts';

export interface FieldsProps {
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
  cluster: '/cluster',
  replicas: '/replicas',
  memory: '/spec/memoryBytes',
  cpu: '/spec/cpuMilli',
  ports: '/spec/ports',
  env: '/spec/env',
  command: '/spec/command',
  volumes: '/spec/volumes',
  description: '/spec/description',
  constraints: '/spec/constraints',
  affinity: '/spec/affinity',
  spread: '/spec/spread',
  maxPerHost: '/spec/maxPerHost',
  healthPort: '/spec/health',
  healthPath: '/spec/health/http/path',
  healthCommand: '/spec/health/command',
  healthInterval: '/spec/health/intervalMs',
  healthTimeout: '/spec/health/timeoutMs',
  healthRetries: '/spec/health/retries',
  healthStart: '/spec/health/startPeriodMs',
  canary: '/canary',
  batch: '/rollout/batch',
  maxUnavailable: '/rollout/maxUnavailable',
  maxSurge: '/rollout/maxSurge',
  minHealthy: '/rollout/minHealthyMs',
  healthyDeadline: '/rollout/healthyDeadlineMs',
  progressDeadline: '/rollout/progressDeadlineMs',
};

/** What is wrong with the first thing at or below one of these places. */
export function faultAt(faults: Faults, ...places: readonly string[]): string | undefined {
  return [...faults].find(([at]) => places.some((place) => at === place || at.startsWith(`${place}/`)))?.[1];
}

/** Makes the inputs of a form's fields, each with its label, hint and fault. */
export function fieldsOf({ form, faults, unread, wasTried, onChange }: FieldsProps) {
  const faultOf = (field: FieldName): string | undefined => {
    if (unread.has(field)) return t('form.unreadable');
    const pointer = pointers[field];
    return pointer === undefined || (form[field] === '' && !wasTried) ? undefined : faultAt(faults, pointer);
  };
  return {
    /** Whether one of these can't stay folded away. */
    isFaulty: (...fields: readonly FieldName[]): boolean => fields.some((field) => faultOf(field) !== undefined),
    input: (field: FieldName, label: MessageKey, hint: MessageKey, placeholder = '') => (
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
    ),
    area: (field: FieldName, label: MessageKey, hint: MessageKey, rows: number) => (
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
    ),
    choice: (
      field: FieldName,
      label: MessageKey,
      hint: MessageKey,
      choices: readonly { readonly value: string; readonly word: string }[],
    ) => (
      <Field label={t(label)} hint={t(hint)} fault={faultOf(field)}>
        {(ties) => (
          <select
            {...ties}
            name={field}
            value={form[field]}
            onChange={({ currentTarget }) => onChange({ [field]: currentTarget.value })}
          >
            {choices.map(({ value, word }) => (
              <option key={value} value={value}>
                {word}
              </option>
            ))}
          </select>
        )}
      </Field>
    ),
  };
}
