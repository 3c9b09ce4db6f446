import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface FieldProps {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly fault?: string | undefined;
  readonly isWide?: boolean;
  /** Gets what ties the input to its label and words. */
  readonly children: (ties: FieldTies) => ComponentChildren;
}

interface FieldTies {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': boolean;
}

/** An input with its label, a hint, and what is wrong with what it holds. */
export function Field({ label, hint, fault, isWide, children }: FieldProps) {
  const id = useId();
  const words = fault ?? hint;
  return (
    <div class={isWide ? 'field whole' : 'field'}>
      <label for={id}>{label}</label>
      {children({
        id,
        'aria-describedby': words === undefined ? undefined : `${id}-words`,
        'aria-invalid': fault !== undefined,
      })}
      {words !== undefined && (
        <span id={`${id}-words`} class={fault === undefined ? 'hint' : 'fault'}>
          {words}
        </span>
      )}
    </div>
  );
}
