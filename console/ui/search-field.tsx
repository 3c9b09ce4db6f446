interface Props {
  readonly label: string;
  readonly value: string;
  readonly onText: (text: string) => void;
}

/** Narrows what a screen shows. */
export const SearchField = ({ label, value, onText }: Props) => (
  <input
    class="search"
    type="search"
    placeholder={label}
    aria-label={label}
    maxLength={256}
    value={value}
    onInput={({ currentTarget }) => onText(currentTarget.value)}
  />
);
