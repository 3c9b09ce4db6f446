import type { MoveOperation, MoveStep } from '../../../protocol/schemas/operation.ts';
import { count, formatBytes, printableLine } from './format.ts';
import { type Paint, toneOf } from './paint.ts';

type Step = MoveStep['step'];

const MARKS: Readonly<Record<Step, readonly [unicode: string, ascii: string]>> = {
  waiting: ['·', '.'],
  replacing: ['◑', '~'],
  removing: ['◌', '-'],
  moved: ['●', '*'],
  blocked: ['!', '!'],
  stayed: ['=', '='],
  lost: ['✗', 'x'],
};
/** What needs eyes first, when not all lines fit. */
export const MOVE_URGENCY: readonly Step[] = ['lost', 'blocked', 'replacing', 'removing', 'waiting', 'stayed', 'moved'];

/** `drain of h3` or `rebalance, 4 moves`. */
export const moveOperationTitle = ({ kind, hostName, hostId, moves }: MoveOperation): string =>
  kind === 'drain' ? `drain of ${hostName ?? hostId}` : `${kind}, ${count(moves.length, 'move')}`;

/** One line for each container: where it was, where its replacement is, how far that is. */
export function moveStepLines(
  steps: readonly MoveStep[],
  { paint, isUnicode }: { readonly paint: Paint; readonly isUnicode: boolean },
): string[] {
  const width = Math.max(1, ...steps.map(({ name }) => name.length));
  return steps.map((step) => {
    const mark = MARKS[step.step]?.[isUnicode ? 0 : 1] ?? '?';
    const state = paint(toneOf(step.step), `${mark} ${step.step.padEnd(9)}`);
    const detail = step.detail === undefined ? '' : `  ${paint('dim', printableLine(step.detail))}`;
    return `  ${step.name.padEnd(width)}  ${step.hostName}${arrow(step)}  ${state}${detail}`.trimEnd();
  });
}

const arrow = ({ toHostName }: MoveStep): string => (toHostName === undefined ? '' : ` -> ${toHostName}`);

/** Images that other hosts do not keep yet; undefined when there are none. */
export const blobsLine = ({ blobsLeftBytes }: MoveOperation): string | undefined =>
  blobsLeftBytes === undefined || blobsLeftBytes === 0
    ? undefined
    : `  images: ${formatBytes(blobsLeftBytes)} to hand over`;

export const moveStepKey = (step: MoveStep): string => `${step.step} ${step.toHostName ?? ''} ${step.detail ?? ''}`;

/** `shop-web-0-x1y2 on h1 -> h3 replacing`. */
export function moveStepSentence(step: MoveStep): string {
  const detail = step.detail === undefined ? '' : `: ${printableLine(step.detail)}`;
  return `${step.name} on ${step.hostName}${arrow(step)} ${step.step}${detail}`;
}
