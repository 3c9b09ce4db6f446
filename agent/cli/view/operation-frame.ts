import type { Operation, OperationStep } from '../../../protocol/schemas/operation.ts';
import { count, formatAge, formatBytes, printableLine } from './format.ts';
import { type Paint, toneOf } from './paint.ts';

/** What a frame of the live view depends on besides the operation. */
export interface FrameContext {
  readonly nowMs: number;
  /** Lines there is room for. */
  readonly height: number;
  readonly paint: Paint;
  readonly isUnicode: boolean;
}

type Step = OperationStep['step'];

const MARKS: Readonly<Record<Step, readonly [unicode: string, ascii: string]>> = {
  auction: ['·', '.'],
  reserved: ['○', 'o'],
  pulling: ['◔', '~'],
  created: ['◑', '~'],
  started: ['◕', '~'],
  healthy: ['●', '*'],
  backoff: ['↻', '!'],
  failed: ['✗', 'x'],
  removing: ['◌', '-'],
  removed: ['–', '-'],
};
/** What needs eyes first, when not all lines fit. */
const URGENCY: readonly Step[] = [
  'failed',
  'backoff',
  'auction',
  'reserved',
  'pulling',
  'created',
  'started',
  'removing',
  'healthy',
  'removed',
];
const BAR_CELLS = 16;

/** `deploy shop/web v3, 5 replicas in default`. */
export function operationTitle(operation: Operation): string {
  const version = operation.version === undefined ? '' : ` v${operation.version}`;
  const replicas = operation.replicas === undefined ? '' : `, ${count(operation.replicas, 'replica')}`;
  const cluster = operation.cluster === undefined ? '' : ` in ${operation.cluster}`;
  return `${operation.kind} ${operation.group}/${operation.app}${version}${replicas}${cluster}`;
}

/** The live view of an operation: a title, a line for each replica, and a count. Pure, so a frame can be tested as text. */
export function operationFrame(operation: Operation, context: FrameContext): string[] {
  const { paint, nowMs } = context;
  const room = Math.max(1, context.height - 3);
  const steps = [...operation.steps].sort((a, b) => a.replica - b.replica || order(a, b));
  const shown = steps.length <= room ? steps : mostUrgent(steps, room);
  const hostWidth = Math.max(1, ...shown.map((step) => (step.hostName ?? '').length));
  const replicaWidth = String(Math.max(0, ...shown.map((step) => step.replica))).length;
  const lines = shown.map((step) => stepLine(step, { ...context, hostWidth, replicaWidth }));
  const hidden = steps.length - shown.length;
  const age = formatAge(operation.createdAt, Date.parse(operation.finishedAt ?? '') || nowMs);
  return [
    `${paint('strong', operationTitle(operation))}  ${paint('dim', `${operation.id}  ${age}`)}`,
    ...lines,
    ...(hidden > 0 ? [paint('dim', `  and ${hidden} more`)] : []),
    `${operation.done}/${operation.total} done${summary(steps)}`,
  ];
}

interface LineContext extends FrameContext {
  readonly hostWidth: number;
  readonly replicaWidth: number;
}

function stepLine(step: OperationStep, context: LineContext): string {
  const { paint, hostWidth, replicaWidth } = context;
  const mark = MARKS[step.step]?.[context.isUnicode ? 0 : 1] ?? '?';
  const host = (step.hostName ?? '-').padEnd(hostWidth);
  const state = paint(toneOf(step.step), `${mark} ${step.step.padEnd(8)}`);
  return `  ${String(step.replica).padStart(replicaWidth)}  ${host}  ${state}${progress(step, context)}`.trimEnd();
}

function progress(step: OperationStep, { isUnicode, paint }: FrameContext): string {
  const detail = step.detail === undefined ? '' : `  ${paint('dim', printableLine(step.detail))}`;
  if (step.step !== 'pulling' || step.pull === undefined) return detail;
  const { bytes, totalBytes } = step.pull;
  if (totalBytes === 0) return `  ${formatBytes(bytes)}${detail}`;
  const filled = Math.min(BAR_CELLS, Math.floor((bytes / totalBytes) * BAR_CELLS));
  const [full, empty] = isUnicode ? ['█', '░'] : ['#', '.'];
  return `  ${full.repeat(filled)}${empty.repeat(BAR_CELLS - filled)} ${pulled(step.pull)}${detail}`;
}

/** `34/120 MB`, in units of the total. */
export function pulled(pull: { readonly bytes: number; readonly totalBytes: number }): string {
  const mega = (bytes: number) =>
    bytes >= 10_000_000 || bytes === 0 ? Math.round(bytes / 1e6) : (bytes / 1e6).toFixed(1);
  return `${mega(pull.bytes)}/${pull.totalBytes === 0 ? '?' : mega(pull.totalBytes)} MB`;
}

const order = (a: OperationStep, b: OperationStep) => URGENCY.indexOf(a.step) - URGENCY.indexOf(b.step);

function mostUrgent(steps: readonly OperationStep[], room: number): OperationStep[] {
  return [...steps]
    .sort(order)
    .slice(0, room)
    .sort((a, b) => a.replica - b.replica);
}

function summary(steps: readonly OperationStep[]): string {
  const counts = new Map<Step, number>();
  for (const { step } of steps) counts.set(step, (counts.get(step) ?? 0) + 1);
  const parts = URGENCY.flatMap((step) => (counts.has(step) ? [`${counts.get(step)} ${step}`] : []));
  return parts.length < 2 ? '' : `: ${parts.join(', ')}`;
}
