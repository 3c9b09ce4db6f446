import { useCallback, useEffect, useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks';
import type { LogStream } from '../../store/log-stream.ts';
import { language, t } from '../../text/text.ts';
import { LogRowView } from './log-row.tsx';
import { type TallRow, windowOf } from './window-of.ts';

/** As `style/logs.css` has it. */
const ROW_PX = 20;
/** So near to the end counts as being there. Pixels. */
const END_PX = 30;

interface LogListProps {
  readonly stream: LogStream;
  readonly hasTimes: boolean;
  readonly hasNames: boolean;
  readonly isFollowed: boolean;
  readonly onFollow: (isFollowed: boolean) => void;
}

/** The rows in sight of a log. It stays at its end until somebody scrolls up, and says how many have come since. */
export function LogList({ stream, hasTimes, hasNames, isFollowed, onFollow }: LogListProps) {
  void stream.version.value;
  const { rows, gone, total } = stream.buffer;
  const ref = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ scrollPx: 0, heightPx: 600 });
  const opened = useOpened();
  const seen = useRef({ total: 0, gone: 0, scrollPx: 0 });

  const tall: TallRow[] = [...opened.px]
    .map(([seq, extraPx]) => ({ index: seq - gone, extraPx }))
    .filter(({ index }) => index >= 0)
    .sort((a, b) => a.index - b.index);
  const { start, end, topPx, totalPx } = windowOf({ rows: rows.length, rowPx: ROW_PX, tall, ...view });

  // Before it is painted: the end stays in sight, or what somebody reads stays where it is while the oldest go.
  useLayoutEffect(() => {
    const place = ref.current;
    if (place === null) return;
    if (isFollowed) {
      place.scrollTop = place.scrollHeight;
      seen.current = { total, gone, scrollPx: place.scrollTop };
    } else {
      const dropped = gone - seen.current.gone;
      if (dropped > 0) place.scrollTop -= dropped * ROW_PX;
      seen.current = { ...seen.current, gone, scrollPx: place.scrollTop };
    }
  }, [total, gone, totalPx, isFollowed, view.heightPx]);

  useEffect(() => {
    const place = ref.current;
    if (place === null) return;
    const look = (): void => {
      const { scrollTop, clientHeight, scrollHeight } = place;
      const isAtEnd = scrollTop + clientHeight >= scrollHeight - END_PX;
      // Upwards only a person scrolls; what is added below moves nothing up.
      if (scrollTop < seen.current.scrollPx - 1 && !isAtEnd) onFollow(false);
      else if (isAtEnd) onFollow(true);
      seen.current.scrollPx = scrollTop;
      setView({ scrollPx: scrollTop, heightPx: clientHeight });
    };
    const click = ({ target }: Event): void => {
      if (!(target instanceof Element) || target.closest('button') !== null || !getSelection()?.isCollapsed) return;
      const seq = target.closest<HTMLElement>('[data-seq]')?.dataset.seq;
      if (seq !== undefined) opened.toggle(Number(seq));
    };
    const observer = new ResizeObserver(look);
    observer.observe(place);
    place.addEventListener('scroll', look, { passive: true });
    place.addEventListener('click', click);
    return () => {
      observer.disconnect();
      place.removeEventListener('scroll', look);
      place.removeEventListener('click', click);
    };
  }, [stream]);

  const fresh = total - seen.current.total;
  return (
    <div class="log-frame">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so it can be reached by keyboard */}
      <div ref={ref} class="log" role="log" aria-live="off" aria-label={t('logs.title')} tabIndex={0}>
        <div class="log-space" style={{ height: `${totalPx}px` }}>
          <div style={{ transform: `translateY(${topPx}px)` }}>
            {rows.slice(start, end).map((row) => (
              <LogRowView
                key={row.seq}
                row={row}
                hasTimes={hasTimes}
                hasNames={hasNames}
                isOpen={opened.px.has(row.seq)}
                onToggle={opened.toggle}
                onMeasure={opened.measure}
              />
            ))}
          </div>
        </div>
      </div>
      {!isFollowed && (
        <button type="button" class="primary log-more" onClick={() => onFollow(true)}>
          ↓ {fresh > 0 ? t('logs.newLines', { lines: fresh.toLocaleString(language.value) }) : t('logs.toEnd')}
        </button>
      )}
    </div>
  );
}

/** The rows whose details are shown, and how high those are. Pixels by `seq`. */
function useOpened() {
  const [, redraw] = useReducer<number, void>((count) => count + 1, 0);
  const px = useRef(new Map<number, number>()).current;
  const toggle = useCallback((seq: number) => {
    if (!px.delete(seq)) px.set(seq, 0);
    redraw();
  }, []);
  const measure = useCallback((seq: number, height: number) => {
    if (px.get(seq) === height || !px.has(seq)) return;
    px.set(seq, height);
    redraw();
  }, []);
  return { px, toggle, measure };
}
