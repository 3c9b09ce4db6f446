import type { Operation, OperationStep } from '../../../protocol/schemas/operation.ts';
import { printableLine } from './format.ts';
import { operationTitle, pulled } from './operation-frame.ts';

/** Turns successive states of one operation into plain lines: one for each change, for logs and pipes. */
export class OperationLines {
  readonly #last = new Map<string, string>();
  #titled = false;

  /** Lines that say what is new since the last call. */
  next(operation: Operation): string[] {
    const lines = this.#titled ? [] : [`${operationTitle(operation)}  ${operation.id}`];
    this.#titled = true;
    for (const step of operation.steps) {
      const key = step.containerId ?? `replica ${step.replica}`;
      const state = stateKey(step);
      if (this.#last.get(key) === state) continue;
      this.#last.set(key, state);
      lines.push(stepSentence(operation, step));
    }
    return lines;
  }
}

/** A pull is worth a line at every quarter. */
function stateKey(step: OperationStep): string {
  const { bytes = 0, totalBytes = 0 } = step.pull ?? {};
  const quarter = step.step === 'pulling' && totalBytes > 0 ? Math.floor((4 * bytes) / totalBytes) : 0;
  return `${step.step} ${step.hostName} ${quarter}`;
}

function stepSentence(operation: Operation, step: OperationStep): string {
  const place = step.hostName === undefined ? '' : ` on ${step.hostName}`;
  const amount = step.step === 'pulling' && step.pull !== undefined ? ` ${pulled(step.pull)}` : '';
  const detail = step.detail === undefined ? '' : `: ${printableLine(step.detail)}`;
  return `${operation.group}/${operation.app}/${step.replica}${place} ${step.step}${amount}${detail}`;
}
