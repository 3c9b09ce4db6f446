import type { ImageOperation, ImageOperationStep } from '../../../protocol/schemas/operation.ts';
import { count, formatBytes, printableLine } from './format.ts';
import { type Paint, toneOf } from './paint.ts';
import { amount, bar, quarter, sources } from './progress.ts';

type Step = ImageOperationStep['step'];

const MARKS: Readonly<Record<Step, readonly [unicode: string, ascii: string]>> = {
  waiting: ['·', '.'],
  running: ['◑', '~'],
  done: ['●', '*'],
  failed: ['✗', 'x'],
  lost: ['?', '?'],
};
/** What needs eyes first, when not all lines fit. */
export const IMAGE_URGENCY: readonly Step[] = ['failed', 'lost', 'waiting', 'running', 'done'];

/** `preheat team/app:1 on 3 hosts`. */
export function imageOperationTitle(operation: ImageOperation): string {
  const what = operation.image === undefined ? 'blobs' : printableLine(operation.image.reference);
  return `${operation.kind} ${what} on ${count(operation.hosts.length, 'host')}`;
}

/** Hosts in order of their names, one line each. */
export function imageStepLines(
  steps: readonly ImageOperationStep[],
  { paint, isUnicode }: { readonly paint: Paint; readonly isUnicode: boolean },
): string[] {
  const width = Math.max(1, ...steps.map((step) => step.hostName.length));
  return steps.map((step) => {
    const mark = MARKS[step.step]?.[isUnicode ? 0 : 1] ?? '?';
    const state = paint(toneOf(step.step), `${mark} ${step.step.padEnd(7)}`);
    const detail = step.detail === undefined ? '' : `  ${paint('dim', printableLine(step.detail))}`;
    return `  ${step.hostName.padEnd(width)}  ${state}${progress(step, isUnicode)}${detail}`.trimEnd();
  });
}

function progress(step: ImageOperationStep, isUnicode: boolean): string {
  if (step.step !== 'running') return step.bytes === 0 ? '' : `  ${formatBytes(step.bytes)}`;
  if (step.totalBytes === 0) return `  ${formatBytes(step.bytes)}${sources(step)}`;
  return `  ${bar(step, isUnicode)} ${amount(step)}${sources(step)}`;
}

/** What makes a host's line worth printing again. */
export const imageStepKey = (step: ImageOperationStep): string =>
  `${step.step} ${step.step === 'running' ? quarter(step) : ''}`;

/** `h1 running 34/120 MB from 2 hosts`. */
export function imageStepSentence(step: ImageOperationStep): string {
  const so = step.step === 'running' && step.totalBytes > 0 ? ` ${amount(step)}${sources(step)}` : '';
  const detail = step.detail === undefined ? '' : `: ${printableLine(step.detail)}`;
  return `${step.hostName} ${step.step}${so}${detail}`;
}
