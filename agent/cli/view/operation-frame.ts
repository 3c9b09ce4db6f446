import {
  type AppOperation,
  isImageOperation,
  isMoveOperation,
  type Operation,
  type OperationStep,
} from '../../../protocol/schemas/operation.ts';
import { count, formatAge, formatBytes, printableLine } from './format.ts';
import { IMAGE_URGENCY, imageOperationTitle, imageStepLines } from './image-steps.ts';
import { blobsLine, MOVE_URGENCY, moveOperationTitle, moveStepLines } from './move-steps.ts';
import { type Paint, toneOf } from './paint.ts';
import { amount, bar, sources } from './progress.ts';

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
  waiting: ['·', '.'],
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
  'waiting',
  'healthy',
  'removed',
];

/** `deploy shop/web v3, 5 replicas in default`. */
export function operationTitle(operation: Operation): string {
  if (isImageOperation(operation)) return imageOperationTitle(operation);
  if (isMoveOperation(operation)) return moveOperationTitle(operation);
  const version = operation.version === undefined ? '' : ` v${operation.version}`;
  const replicas = operation.replicas === undefined ? '' : `, ${count(operation.replicas, 'replica')}`;
  const cluster = operation.cluster === undefined ? '' : ` in ${operation.cluster}`;
  return `${operation.kind} ${operation.group}/${operation.app}${version}${replicas}${cluster}`;
}

/**
 * The live view of an operation: a title, a line for each replica or host, and a count. Pure, so a frame can be tested as
 * text.
 */
export function operationFrame(operation: Operation, context: FrameContext): string[] {
  const { paint, nowMs } = context;
  const room = Math.max(1, context.height - 3);
  const lines = stepLines(operation, context, room);
  const hidden = operation.steps.length - lines.length;
  const age = formatAge(operation.createdAt, Date.parse(operation.finishedAt ?? '') || nowMs);
  return [
    `${paint('strong', operationTitle(operation))}  ${paint('dim', `${operation.id}  ${age}`)}`,
    ...lines,
    ...noteLines(operation, paint),
    ...(hidden > 0 ? [paint('dim', `  and ${hidden} more`)] : []),
    `${operation.done}/${operation.total} done${summary(operation)}`,
  ];
}

function stepLines(operation: Operation, context: FrameContext, room: number): string[] {
  if (isImageOperation(operation)) {
    return imageStepLines(mostUrgent([...operation.steps].sort(byHost), IMAGE_URGENCY, room), context);
  }
  if (isMoveOperation(operation)) return moveStepLines(mostUrgent(operation.steps, MOVE_URGENCY, room), context);
  return replicaLines(operation, context, room);
}

/** What is to know besides the lines of the steps. */
function noteLines(operation: Operation, paint: Paint): string[] {
  if (isImageOperation(operation)) return [];
  if (isMoveOperation(operation)) return [blobsLine(operation) ?? []].flat();
  return rolloutLines(operation).map((line) => `  ${paint('dim', line)}`);
}

/** How far a rollout is, and what it waits for. */
export function rolloutLines({ rollout, replicas, group, app }: AppOperation): string[] {
  if (rollout === undefined) return [];
  const { phase, open, proven, from, to, paused, stopFirst, reverting } = rollout;
  const name = `${group}/${app}`;
  return [
    `${phase}: v${from.version} -> v${to}, ${open} of ${replicas ?? open} replicas open, ${proven} work`,
    ...(stopFirst === undefined ? [] : [`old containers stop first: ${printableLine(stopFirst)}`]),
    ...(reverting === undefined ? [] : [`goes back because: ${printableLine(reverting.detail)}`]),
    ...(paused === undefined
      ? []
      : [
          `paused (${paused.by}): ${printableLine(paused.detail)}`,
          `go on: shoal rollout resume ${name}; back: shoal rollout abort ${name}`,
        ]),
    ...(phase === 'holding' ? [`waits; go on: shoal rollout continue ${name}; back: shoal rollout abort ${name}`] : []),
  ];
}

function replicaLines(operation: AppOperation, context: FrameContext, room: number): string[] {
  const steps = [...operation.steps].sort((a, b) => a.replica - b.replica || urgency(a) - urgency(b));
  const shown = mostUrgent(steps, URGENCY, room);
  const hostWidth = Math.max(1, ...shown.map((step) => (step.hostName ?? '').length));
  const replicaWidth = String(Math.max(0, ...shown.map((step) => step.replica))).length;
  return shown.map((step) => stepLine(step, { ...context, hostWidth, replicaWidth }));
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
  if (totalBytes === 0) return `  ${formatBytes(bytes)}${sources(step.pull)}${detail}`;
  return `  ${bar(step.pull, isUnicode)} ${amount(step.pull)}${sources(step.pull)}${detail}`;
}

const urgency = ({ step }: OperationStep): number => URGENCY.indexOf(step);
const byHost = (a: { hostName: string }, b: { hostName: string }): number =>
  a.hostName.localeCompare(b.hostName, 'en', { numeric: true });

/** Those that need eyes first when there is not room for all, in the order they came in. */
function mostUrgent<S extends { readonly step: string }>(
  steps: readonly S[],
  order: readonly S['step'][],
  room: number,
): readonly S[] {
  if (steps.length <= room) return steps;
  const first = [...steps].sort((a, b) => order.indexOf(a.step) - order.indexOf(b.step)).slice(0, room);
  const kept = new Set(first);
  return steps.filter((step) => kept.has(step));
}

function summary(operation: Operation): string {
  const order: readonly string[] = isImageOperation(operation)
    ? IMAGE_URGENCY
    : isMoveOperation(operation)
      ? MOVE_URGENCY
      : URGENCY;
  const counts = new Map<string, number>();
  for (const { step } of operation.steps) counts.set(step, (counts.get(step) ?? 0) + 1);
  const parts = order.flatMap((step) => (counts.has(step) ? [`${counts.get(step)} ${step}`] : []));
  return parts.length < 2 ? '' : `: ${parts.join(', ')}`;
}
