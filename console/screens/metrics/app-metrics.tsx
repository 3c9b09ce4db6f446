import type { Container } from '../../../protocol/schemas/host.ts';
import type { UsageHistory } from '../../../protocol/schemas/usage.ts';
import { formatBytes, formatCores } from '../../format/quantity.ts';
import { linkTo } from '../../store/link.ts';
import { useEach, usePolling } from '../../store/resource.ts';
import '../../style/charts.css';
import type { MessageKey } from '../../text/messages.ts';
import { t } from '../../text/text.ts';
import { Empty, Panel } from '../../ui/panel.tsx';
import { ReadingView } from '../../ui/reading.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { Chart } from './chart.tsx';
import { chosenRange, POLL_MS, RANGE_MS, RangeChoice } from './range-choice.tsx';
import { type Measure, type Summary, summaryOf } from './series-of.ts';
import { sideBySide, summed } from './together.ts';

/** A line each up to here: more can't be told apart. */
const LINES_MAX = 6;
/** Each is a request of its own. */
const REPLICAS_MAX = 64;
/** Every so many replicas are read as often as one is alone. */
const READ_AT_ONCE = 8;

interface Replica {
  readonly container: Container;
  readonly history: UsageHistory;
}

interface Kind {
  readonly measure: Measure;
  readonly title: MessageKey;
  readonly format: (value: number) => string;
}

const cpu: Kind = { measure: 'cpuMilli', title: 'capacity.cpu', format: formatCores };
const memory: Kind = {
  measure: 'memoryBytes',
  title: 'capacity.memory',
  format: (value) => formatBytes(Math.round(value)),
};

const order = (a: Container, b: Container): number => a.replica - b.replica || (a.name < b.name ? -1 : 1);

/** What the replicas of an app used: a line each, or their sum when they are many, and each in numbers. */
export function AppMetricsView({ containers }: { readonly containers: readonly Container[] }) {
  const range = chosenRange();
  const shown = containers.toSorted(order).slice(0, REPLICAS_MAX);
  const paths = shown.map(({ id }) => `/v1/containers/${encodeURIComponent(id)}/metrics?since=${range}`);
  const reading = useEach<UsageHistory>(paths);
  usePolling(paths.join(' '), POLL_MS[range] * Math.max(1, Math.ceil(paths.length / READ_AT_ONCE)));
  if (shown.length === 0) return <Empty title={t('app.noContainers')} />;
  return (
    <div class="stack">
      <RangeChoice range={range} />
      <ReadingView of={reading}>
        {(histories) => {
          const replicas = shown.flatMap((container, index): readonly Replica[] => {
            const history = histories[index];
            return history === undefined || history.atMs.length === 0 ? [] : [{ container, history }];
          });
          if (replicas.length === 0) return <Empty title={t('metrics.none')}>{t('metrics.noneWhat')}</Empty>;
          return (
            <>
              <p class="muted small">
                {t('metrics.replicas')}
                {shown.length < containers.length &&
                  ` ${t('metrics.firstOf', { shown: shown.length, all: containers.length })}`}
                {replicas.length < shown.length && ` ${t('metrics.silent', { count: shown.length - replicas.length })}`}
              </p>
              <div class="chart-grid">
                {[cpu, memory].map((kind) => (
                  <Panel key={kind.title} title={t(kind.title)}>
                    <ReplicasChart kind={kind} replicas={replicas} spanMs={RANGE_MS[range]} />
                  </Panel>
                ))}
              </div>
              <Numbers replicas={replicas} />
            </>
          );
        }}
      </ReadingView>
    </div>
  );
}

interface ReplicasChartProps {
  readonly kind: Kind;
  readonly replicas: readonly Replica[];
  readonly spanMs: number;
}

function ReplicasChart({ kind: { measure, title, format }, replicas, spanMs }: ReplicasChartProps) {
  const histories = replicas.map(({ history }) => history);
  const hasLines = replicas.length <= LINES_MAX;
  const limits = replicas.map(({ container }) => container.memoryBytes);
  const limit = hasLines ? commonOf(limits) : limits.reduce((sum, bytes) => sum + bytes, 0);
  const words = rowsOf(replicas)
    .filter((row) => hasLines === (row.container !== undefined))
    .map((row) => wordsOf(row.name, row[measure === 'cpuMilli' ? 'cpu' : 'memory'], format));
  return (
    <Chart
      columns={hasLines ? sideBySide(histories, measure) : summed(histories, measure)}
      labels={hasLines ? replicas.map(({ container }) => container.name) : [t('metrics.all')]}
      format={format}
      isBytes={measure === 'memoryBytes'}
      words={`${t(title)}: ${words.join('; ')}`}
      spanMs={spanMs}
      {...(measure === 'memoryBytes' && limit > 0 ? { limit: { value: limit, label: t('metrics.limit') } } : {})}
    />
  );
}

/** What all have; 0 when they differ, as while a rollout changes it. */
const commonOf = ([first = 0, ...others]: readonly number[]): number =>
  others.every((one) => one === first) ? first : 0;

const wordsOf = (label: string, { now, mean, most }: Summary, format: Kind['format']): string =>
  t('metrics.words', { label, now: format(now), mean: format(mean), most: format(most) });

interface Row {
  readonly name: string;
  /** Absent: all of them. */
  readonly container?: Container;
  readonly cpu: Summary;
  readonly memory: Summary;
}

const nothing: Summary = { now: 0, mean: 0, most: 0 };

/** All together first, unless there is only one. */
function rowsOf(replicas: readonly Replica[]): readonly Row[] {
  const histories = replicas.map(({ history }) => history);
  const sumOf = (measure: Measure): Summary =>
    summaryOf((summed(histories, measure)[1] ?? []).filter((value) => value !== null)) ?? nothing;
  const all: Row = { name: t('metrics.all'), cpu: sumOf('cpuMilli'), memory: sumOf('memoryBytes') };
  const each = replicas.map(({ container, history }): Row => {
    const [cpuUsed = nothing, memoryUsed = nothing] = [summaryOf(history.cpuMilli), summaryOf(history.memoryBytes)];
    return { name: container.name, container, cpu: cpuUsed, memory: memoryUsed };
  });
  return replicas.length === 1 ? each : [all, ...each];
}

function Numbers({ replicas }: { readonly replicas: readonly Replica[] }) {
  const column = (kind: Kind, of: 'cpu' | 'memory', label: MessageKey, pick: keyof Summary): Column<Row> => ({
    label: `${t(kind.title)}, ${t(label)}`,
    isNumber: true,
    cell: (row) => kind.format(row[of][pick]),
  });
  const columns: readonly Column<Row>[] = [
    {
      label: t('column.replica'),
      cell: ({ name, container }) =>
        container === undefined ? (
          <strong>{name}</strong>
        ) : (
          <a class="wrap" href={linkTo(['containers', container.id, 'metrics'])}>
            {name}
          </a>
        ),
    },
    {
      label: t('host.one'),
      cell: ({ container }) =>
        container === undefined ? '–' : <a href={linkTo(['hosts', container.hostId])}>{container.hostName}</a>,
    },
    column(cpu, 'cpu', 'metrics.now', 'now'),
    column(cpu, 'cpu', 'metrics.mean', 'mean'),
    column(cpu, 'cpu', 'metrics.most', 'most'),
    column(memory, 'memory', 'metrics.now', 'now'),
    column(memory, 'memory', 'metrics.mean', 'mean'),
    column(memory, 'memory', 'metrics.most', 'most'),
  ];
  return (
    <Panel title={t('metrics.numbers')} isFlush>
      <Table
        caption={t('metrics.numbers')}
        columns={columns}
        items={rowsOf(replicas)}
        keyOf={({ container }) => container?.id ?? ''}
      />
    </Panel>
  );
}
