import type { UsageHistory } from '../../../protocol/schemas/usage.ts';
import { formatBytes, formatCores } from '../../format/quantity.ts';
import { useItem, usePolling } from '../../store/resource.ts';
import '../../style/charts.css';
import type { MessageKey } from '../../text/messages.ts';
import { t } from '../../text/text.ts';
import { Empty, Panel } from '../../ui/panel.tsx';
import { ReadingView } from '../../ui/reading.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { Chart } from './chart.tsx';
import { chosenRange, POLL_MS, RANGE_MS, RangeChoice } from './range-choice.tsx';
import { type Measure, type Summary, seriesOf, summaryOf } from './series-of.ts';

interface MetricsViewProps {
  /** The history's path in the API. */
  readonly path: string;
  /** Drawn as a line that memory must stay below; absent or 0: none. */
  readonly memoryLimitBytes?: number;
}

const perSecond = (bytes: number): string => `${formatBytes(Math.round(bytes))}/s`;
const bytes = (value: number): string => formatBytes(Math.round(value));

interface ChartKind {
  readonly title: MessageKey;
  readonly format: (value: number) => string;
  readonly lines: readonly { readonly measure: Measure; readonly label: MessageKey }[];
}

const kinds: readonly ChartKind[] = [
  { title: 'capacity.cpu', format: formatCores, lines: [{ measure: 'cpuMilli', label: 'metrics.cores' }] },
  { title: 'capacity.memory', format: bytes, lines: [{ measure: 'memoryBytes', label: 'metrics.used' }] },
  {
    title: 'metrics.network',
    format: perSecond,
    lines: [
      { measure: 'receivedBytesPerS', label: 'metrics.received' },
      { measure: 'sentBytesPerS', label: 'metrics.sent' },
    ],
  },
  {
    title: 'metrics.disk',
    format: perSecond,
    lines: [
      { measure: 'readBytesPerS', label: 'metrics.read' },
      { measure: 'writtenBytesPerS', label: 'metrics.written' },
    ],
  },
];

/** What a host or a container used, as charts and as numbers. */
export function MetricsView({ path, memoryLimitBytes = 0 }: MetricsViewProps) {
  const range = chosenRange();
  const whole = `${path}?since=${range}`;
  const reading = useItem<UsageHistory>(whole, []);
  usePolling(whole, POLL_MS[range]);
  return (
    <div class="stack">
      <RangeChoice range={range} />
      <ReadingView of={reading}>
        {(history) =>
          history.atMs.length === 0 ? (
            <Empty title={t('metrics.none')}>{t('metrics.noneWhat')}</Empty>
          ) : (
            <>
              <div class="chart-grid">
                {kinds.map((kind) => (
                  <Panel key={kind.title} title={t(kind.title)}>
                    <Chart
                      columns={seriesOf(
                        history,
                        kind.lines.map(({ measure }) => measure),
                      )}
                      labels={kind.lines.map(({ label }) => t(label))}
                      format={kind.format}
                      isBytes={kind.title !== 'capacity.cpu'}
                      words={wordsOf(kind, history)}
                      spanMs={RANGE_MS[range]}
                      {...(kind.title === 'capacity.memory' && memoryLimitBytes > 0
                        ? { limit: { value: memoryLimitBytes, label: t('metrics.limit') } }
                        : {})}
                    />
                  </Panel>
                ))}
              </div>
              <Numbers history={history} />
            </>
          )
        }
      </ReadingView>
    </div>
  );
}

/** A chart in words, for who does not see it. */
function wordsOf({ title, lines, format }: ChartKind, history: UsageHistory): string {
  const parts = lines.map(({ measure, label }) => {
    const summary = summaryOf(history[measure]);
    if (summary === undefined) return t(label);
    const { now, mean, most } = summary;
    return t('metrics.words', { label: t(label), now: format(now), mean: format(mean), most: format(most) });
  });
  return `${t(title)}: ${parts.join('; ')}`;
}

interface NumbersRow {
  readonly name: string;
  readonly format: (value: number) => string;
  readonly summary: Summary;
}

/** The same as a table. */
function Numbers({ history }: { readonly history: UsageHistory }) {
  const rows = kinds.flatMap(({ title, lines, format }) =>
    lines.flatMap(({ measure, label }): readonly NumbersRow[] => {
      const summary = summaryOf(history[measure]);
      return summary === undefined ? [] : [{ name: `${t(title)}, ${t(label)}`, format, summary }];
    }),
  );
  const column = (label: MessageKey, pick: keyof Summary): Column<NumbersRow> => ({
    label: t(label),
    isNumber: true,
    cell: ({ format, summary }) => format(summary[pick]),
  });
  const columns: readonly Column<NumbersRow>[] = [
    { label: t('metrics.measure'), cell: ({ name }) => name },
    column('metrics.now', 'now'),
    column('metrics.mean', 'mean'),
    column('metrics.most', 'most'),
  ];
  return (
    <Panel title={t('metrics.numbers')} isFlush>
      <Table caption={t('metrics.numbers')} columns={columns} items={rows} keyOf={({ name }) => name} />
    </Panel>
  );
}
