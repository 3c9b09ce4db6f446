import {
  type AppOperation,
  isImageOperation,
  isMoveOperation,
  type Operation,
  type OperationStep,
} from '../../../protocol/schemas/operation.ts';
import { printableLine } from './format.ts';
import { imageStepKey, imageStepSentence } from './image-steps.ts';
import { moveStepKey, moveStepSentence } from './move-steps.ts';
import { operationTitle, rolloutLines } from './operation-frame.ts';
import { amount, quarter, sources } from './progress.ts';

/** Turns successive states of one operation into plain lines: one for each change, for logs and pipes. */
export class OperationLines {
  readonly #last = new Map<string, string>();
  #titled = false;

  /** Lines that say what is new since the last call. */
  next(operation: Operation): string[] {
    const lines = this.#titled ? [] : [`${operationTitle(operation)}  ${operation.id}`];
    this.#titled = true;
    for (const { of, state, sentence } of linesOf(operation)) {
      if (this.#last.get(of) === state) continue;
      this.#last.set(of, state);
      lines.push(sentence);
    }
    return lines;
  }
}

/** What each step has to say, and when that is new. */
function linesOf(operation: Operation): { readonly of: string; readonly state: string; readonly sentence: string }[] {
  if (isImageOperation(operation)) {
    return operation.steps.map((step) => ({
      of: step.hostId,
      state: imageStepKey(step),
      sentence: imageStepSentence(step),
    }));
  }
  if (isMoveOperation(operation)) {
    return operation.steps.map((step) => ({
      of: step.containerId,
      state: moveStepKey(step),
      sentence: moveStepSentence(step),
    }));
  }
  const notes = rolloutLines(operation).map((line, index) => ({ of: `rollout ${index}`, state: line, sentence: line }));
  const steps = operation.steps.map((step) => ({
    of: step.containerId ?? `replica ${step.replica}`,
    state: stateKey(step),
    sentence: stepSentence(operation, step),
  }));
  return [...notes, ...steps];
}

/** A pull is worth a line at every quarter. */
function stateKey(step: OperationStep): string {
  const part = step.step === 'pulling' && step.pull !== undefined ? quarter(step.pull) : 0;
  return `${step.step} ${step.hostName} ${part}`;
}

function stepSentence(operation: AppOperation, step: OperationStep): string {
  const place = step.hostName === undefined ? '' : ` on ${step.hostName}`;
  const pulled = step.step === 'pulling' && step.pull !== undefined ? ` ${amount(step.pull)}${sources(step.pull)}` : '';
  const detail = step.detail === undefined ? '' : `: ${printableLine(step.detail)}`;
  return `${operation.group}/${operation.app}/${step.replica}${place} ${step.step}${pulled}${detail}`;
}
