import { sparkPath } from '../format/spark-path.ts';

interface SparklineProps {
  readonly values: readonly (number | undefined)[];
  readonly slots: number;
  /** The value at the upper edge. */
  readonly most: number;
  /** The newest value in words: a line alone says nothing to many. */
  readonly words: string;
  readonly label: string;
}

const WIDTH_PX = 52;
const HEIGHT_PX = 18;

/** How a number went lately, and what it is now. */
export function Sparkline({ values, slots, most, words, label }: SparklineProps) {
  return (
    <span class="spark" role="img" aria-label={`${label}: ${words}`} title={label}>
      <svg viewBox={`0 -1 ${WIDTH_PX} ${HEIGHT_PX + 2}`} width={WIDTH_PX} height={HEIGHT_PX + 2} aria-hidden="true">
        <path d={sparkPath(values, { slots, most, width: WIDTH_PX, height: HEIGHT_PX })} />
      </svg>
      <span class="small nowrap">{words}</span>
    </span>
  );
}
