import { useLayoutEffect, useRef } from 'preact/hooks';
import type { LogLine, LogMissing } from '../../../protocol/schemas/logs.ts';
import { formatMoment } from '../../format/time.ts';
import type { LogRow } from '../../store/log-buffer.ts';
import { language, t } from '../../text/text.ts';
import { segmentsOf } from './ansi.ts';
import { asJson, clockTime, looksLikeJson, rowPart, whoColour } from './row-text.ts';

interface LogRowProps {
  readonly row: LogRow;
  readonly hasTimes: boolean;
  /** Several containers: each line says whose it is. */
  readonly hasNames: boolean;
  readonly isOpen: boolean;
  readonly onToggle: (seq: number) => void;
  /** How high the details of an open row are. Pixels. */
  readonly onMeasure: (seq: number, px: number) => void;
}

export function LogRowView(props: LogRowProps) {
  const { row } = props;
  if ('leftOut' in row) {
    return (
      <div class="log-row note-row">⋯ {t('logs.leftOut', { lines: row.leftOut.toLocaleString(language.value) })}</div>
    );
  }
  if (row.entry.type === 'missing') return <MissingRow missing={row.entry} />;
  return <LineRow {...props} seq={row.seq} line={row.entry} />;
}

function MissingRow({ missing: { container, hostName, code, detail } }: { readonly missing: LogMissing }) {
  return (
    <div class="log-row note-row">
      ⚠ {t('logs.missing', { container, host: hostName })} {detail} <code>{code}</code>
    </div>
  );
}

type LineRowProps = LogRowProps & { readonly seq: number; readonly line: LogLine };

function LineRow({ seq, line, hasTimes, hasNames, isOpen, onToggle, onMeasure }: LineRowProps) {
  const { at, text, stream, replica, hostName, isCut } = line;
  const isJson = looksLikeJson(text);
  return (
    <>
      <div class={stream === 'stderr' ? 'log-row stderr' : 'log-row'} data-seq={seq}>
        <button
          type="button"
          class="log-toggle"
          aria-expanded={isOpen}
          aria-label={t('logs.details')}
          onClick={() => onToggle(seq)}
        >
          {isJson ? '{}' : isOpen ? '▾' : '▸'}
        </button>
        {hasTimes && <time dateTime={at}>{clockTime(at)}</time>}
        {hasNames && (
          <span class={`who who-${whoColour(line)}`}>
            #{replica} {hostName}
          </span>
        )}
        {stream === 'stderr' && (
          <span class="err" title="stderr">
            E<span class="visually-hidden"> stderr</span>
          </span>
        )}
        <span class="log-text">
          <Coloured text={rowPart(text)} />
          {isCut && ' …'}
        </span>
      </div>
      {isOpen && <Details line={line} onMeasure={(px) => onMeasure(seq, px)} />}
    </>
  );
}

function Coloured({ text }: { readonly text: string }) {
  const segments = segmentsOf(text);
  return (
    <>
      {segments.map(({ text: part, classes }, index) =>
        classes === '' ? (
          part
        ) : (
          // Parts of one line never change places.
          <span key={index} class={classes}>
            {part}
          </span>
        ),
      )}
    </>
  );
}

/** All of a line: JSON on lines of its own, and where it is from. */
function Details({ line, onMeasure }: { readonly line: LogLine; readonly onMeasure: (px: number) => void }) {
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const place = ref.current;
    if (place === null) return;
    const observer = new ResizeObserver(() => onMeasure(place.offsetHeight));
    observer.observe(place);
    return () => observer.disconnect();
  }, [line]);
  const json = asJson(line.text);
  return (
    <div ref={ref} class="log-details">
      <p class="small muted">
        {formatMoment(line.at, language.value)} · {line.container} · {line.hostName} · {line.stream}
        {line.isCut && ` · ${t('logs.cut')}`}
      </p>
      <pre>{json ?? <Coloured text={line.text} />}</pre>
    </div>
  );
}
