import { route, setQuery } from '../../store/router.ts';
import { t } from '../../text/text.ts';

const ranges = ['1h', '6h', '24h'] as const;
export type Range = (typeof ranges)[number];

export const RANGE_MS = { '1h': 3_600_000, '6h': 6 * 3_600_000, '24h': 24 * 3_600_000 } as const;
/** A point is five seconds at best. */
export const POLL_MS = { '1h': 10_000, '6h': 30_000, '24h': 60_000 } as const;

/** How far back charts go, as the address says. */
export const chosenRange = (): Range => ranges.find((one) => one === route.value.query.get('range')) ?? '1h';

export function RangeChoice({ range }: { readonly range: Range }) {
  return (
    <div class="row">
      <div class="segments">
        {ranges.map((one) => (
          <button key={one} type="button" aria-pressed={one === range} onClick={() => setQuery({ range: one })}>
            {one}
          </button>
        ))}
      </div>
      <span class="muted small">{t('metrics.kept')}</span>
    </div>
  );
}
