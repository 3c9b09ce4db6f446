import { formatAge, formatMoment } from '../format/time.ts';
import { nowMs } from '../store/clock.ts';
import { language } from '../text/text.ts';

/** How long ago something was; the exact time is a hover away. */
export function Age({ at }: { readonly at: string | undefined }) {
  if (at === undefined) return null;
  return (
    <time dateTime={at} title={formatMoment(at, language.value)}>
      {formatAge(at, nowMs.value)}
    </time>
  );
}
