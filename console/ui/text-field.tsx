import { Field } from './field.tsx';

interface TextFieldProps {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly fault?: string | undefined;
  readonly value: string;
  readonly onText: (text: string) => void;
  readonly placeholder?: string;
  /** More than one: lines. */
  readonly rows?: number;
  readonly isSecret?: boolean;
  readonly isReadOnly?: boolean;
  readonly isWide?: boolean;
}

/** A labelled input for a line of text, or for several. */
export function TextField({ label, hint, fault, value, onText, isWide = false, ...more }: TextFieldProps) {
  const { placeholder, rows = 1, isSecret, isReadOnly } = more;
  return (
    <Field label={label} hint={hint} fault={fault} isWide={isWide}>
      {(ties) =>
        rows > 1 ? (
          <textarea
            {...ties}
            rows={rows}
            value={value}
            placeholder={placeholder}
            spellcheck={false}
            onInput={({ currentTarget }) => onText(currentTarget.value)}
          />
        ) : (
          <input
            {...ties}
            {...(isSecret ? ({ type: 'password', autocomplete: 'new-password' } as const) : { autocomplete: 'off' })}
            value={value}
            placeholder={placeholder}
            readOnly={isReadOnly}
            spellcheck={false}
            onInput={({ currentTarget }) => onText(currentTarget.value)}
          />
        )
      }
    </Field>
  );
}

interface ChoiceFieldProps {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly value: string;
  readonly choices: readonly { readonly value: string; readonly word: string }[];
  readonly onChoice: (value: string) => void;
}

export function ChoiceField({ label, hint, value, choices, onChoice }: ChoiceFieldProps) {
  return (
    <Field label={label} hint={hint}>
      {(ties) => (
        <select {...ties} value={value} onChange={({ currentTarget }) => onChoice(currentTarget.value)}>
          {choices.map(({ value: one, word }) => (
            <option key={one} value={one}>
              {word}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
