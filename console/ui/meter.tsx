interface MeterProps {
  readonly label: string;
  readonly used: number;
  /** Held by open reservations; drawn hatched. */
  readonly held?: number;
  readonly total: number;
  readonly words: string;
}

/** Above this share a bar is drawn as tight. */
const TIGHT = 0.9;

const percent = (part: number, total: number): string =>
  `${total <= 0 ? 0 : Math.min(100, Math.max(0, (part / total) * 100))}%`;

/** A share of a whole as a bar, with the numbers beside it. */
export function Meter({ label, used, held = 0, total, words }: MeterProps) {
  return (
    <span class="meter">
      <span class="track" role="img" aria-label={`${label}: ${words}`}>
        <span class={used / total > TIGHT ? 'used tight' : 'used'} style={{ width: percent(used, total) }} />
        {held > 0 && <span class="hatched" style={{ width: percent(held, total) }} />}
      </span>
      <span class="words">{words}</span>
    </span>
  );
}

/** How far something is. */
export function Progress({
  done,
  total,
  label,
}: {
  readonly done: number;
  readonly total: number;
  readonly label: string;
}) {
  return (
    <span class="progress">
      <span
        class="track"
        role="progressbar"
        aria-label={label}
        aria-valuenow={done}
        aria-valuemin={0}
        aria-valuemax={total}
      >
        <div style={{ width: percent(done, total) }} />
      </span>
      <span class="small nowrap">
        {done}/{total}
      </span>
    </span>
  );
}
