import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { nowMs } from '../../store/clock.ts';
import { language } from '../../text/text.ts';
import { colourOf, onColours } from '../../ui/colour-of.ts';
import type { ChartColumns } from './series-of.ts';

interface ChartProps {
  readonly columns: ChartColumns;
  readonly labels: readonly string[];
  readonly format: (value: number) => string;
  /** Steps of the axis are powers of two, as bytes are counted. */
  readonly isBytes: boolean;
  /** What the chart shows, in words. */
  readonly words: string;
  readonly spanMs: number;
  /** A line that values must stay below. */
  readonly limit?: { readonly value: number; readonly label: string };
}

const HEIGHT_PX = 180;
/** Lines of one chart differ by dashes too. */
const colours = ['--accent', '--warn', '--ok', '--ansi-5', '--idle', '--text'] as const;
const dashes = [[], [6, 3], [2, 2], [10, 4, 2, 4], [14, 4], [4, 8]] as const;
const binary = Array.from({ length: 50 }, (_, power) => 2 ** power);
/** 0.1, 0.2, 0.5, 1 and so on. */
const decimal = Array.from(
  { length: 24 },
  (_, index) => ([1, 2, 5][index % 3] ?? 1) * 10 ** (Math.floor(index / 3) - 1),
);
const LIMIT_DASH = [2, 4];

/** Lines over time by uPlot. The legend follows the pointer; dragging looks closer, a double click back. */
export function Chart(props: ChartProps) {
  const { columns, words, labels, limit } = props;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const shape = `${labels.join()} ${limit?.label} ${language.value}`;
  useEffect(() => {
    const { current } = place;
    if (current === null) return;
    const made = new uPlot(optionsOf(latest, current.clientWidth), dataOf(latest.current), current);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: current.clientWidth, height: HEIGHT_PX }));
    observer.observe(current);
    const end = onColours(() => made.redraw());
    return () => {
      observer.disconnect();
      end();
      made.destroy();
    };
  }, [shape]);
  useEffect(() => {
    plot.current?.setData(dataOf(latest.current));
  }, [columns]);
  return (
    <figure class="chart">
      <figcaption class="visually-hidden">{words}</figcaption>
      <div ref={place} aria-hidden="true" />
    </figure>
  );
}

function dataOf({ columns, limit }: ChartProps): uPlot.AlignedData {
  const all = limit === undefined ? columns : [...columns, columns[0].map(() => limit.value)];
  return all.map((column) => [...column]) as uPlot.AlignedData;
}

type Latest = { readonly current: ChartProps };

function optionsOf(latest: Latest, width: number): uPlot.Options {
  const { labels, limit, isBytes } = latest.current;
  const text = (): string => colourOf('--muted');
  const axis = { stroke: text, grid: { stroke: () => colourOf('--line'), width: 1 }, ticks: { show: false } };
  const format = (value: number | null): string => (value === null ? '–' : latest.current.format(value));
  const line = (label: string, token: string, dash: readonly number[]): uPlot.Series => ({
    label,
    stroke: () => colourOf(token),
    width: 1.5,
    dash: [...dash],
    spanGaps: false,
    points: { show: false },
    value: (_, value) => format(value),
  });
  return {
    width,
    height: HEIGHT_PX,
    legend: { live: true },
    cursor: { points: { size: 6 } },
    scales: {
      x: { range: () => rangeOf(latest.current.spanMs) },
      y: { range: (_, __, most) => [0, most > 0 ? most * 1.1 : 1] },
    },
    axes: [
      { ...axis, size: 30, values: clockValues },
      { ...axis, size: 72, incrs: isBytes ? binary : decimal, values: (_, values) => values.map(format) },
    ],
    series: [
      { value: (_, atS) => (atS === null ? '–' : new Date(atS * 1_000).toLocaleTimeString(language.peek())) },
      ...labels.map((label, index) => line(label, colours[index] ?? '--text', dashes[index] ?? [])),
      ...(limit === undefined ? [] : [line(limit.label, '--bad', LIMIT_DASH)]),
    ],
  };
}

const rangeOf = (spanMs: number): [number, number] => [(nowMs.peek() - spanMs) / 1_000, nowMs.peek() / 1_000];

const clockValues = (_: uPlot, values: readonly number[]): string[] =>
  values.map((atS) => {
    const at = new Date(atS * 1_000);
    return `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`;
  });
