import type { RolloutPolicy } from '../../../protocol/schemas/rollout.ts';
import { parseDuration, writeDuration } from '../../format/quantity.ts';
import { readWhole } from '../../format/rules.ts';

/** Numbers of replicas that a policy may set, each with its least value. */
const counts = { batch: 1, maxUnavailable: 0, maxSurge: 0 } as const;
const durations = ['minHealthyMs', 'healthyDeadlineMs', 'progressDeadlineMs'] as const;

export type Count = keyof typeof counts;
export type Duration = (typeof durations)[number];

/** An app's rollout policy as it is typed. Empty: the usual. */
export interface RolloutDraft {
  readonly strategy: '' | NonNullable<RolloutPolicy['strategy']>;
  readonly onFailure: '' | NonNullable<RolloutPolicy['onFailure']>;
  readonly texts: Readonly<Record<Count | Duration, string>>;
}

export function draftOfRollout({ strategy, onFailure, ...numbers }: RolloutPolicy): RolloutDraft {
  const count = (name: Count) => (numbers[name] === undefined ? '' : String(numbers[name]));
  const duration = (name: Duration) => (numbers[name] === undefined ? '' : writeDuration(numbers[name]));
  return {
    strategy: strategy ?? '',
    onFailure: onFailure ?? '',
    texts: {
      batch: count('batch'),
      maxUnavailable: count('maxUnavailable'),
      maxSurge: count('maxSurge'),
      minHealthyMs: duration('minHealthyMs'),
      healthyDeadlineMs: duration('healthyDeadlineMs'),
      progressDeadlineMs: duration('progressDeadlineMs'),
    },
  };
}

const isCount = (name: Count | Duration): name is Count => name in counts;

/** What was typed into one field, in replicas or milliseconds; undefined when it can't be read. */
function read(name: Count | Duration, text: string): number | undefined {
  if (!isCount(name)) return parseDuration(text);
  const number = readWhole(text);
  return number !== undefined && number >= counts[name] ? number : undefined;
}

const isEmpty = (text: string): boolean => text.trim() === '';

export const isReadable = ({ texts }: RolloutDraft, name: Count | Duration): boolean =>
  isEmpty(texts[name]) || read(name, texts[name].trim()) !== undefined;

/** The policy; undefined while a field can't be read. */
export function rolloutOfDraft(draft: RolloutDraft): RolloutPolicy | undefined {
  const names = Object.keys(draft.texts) as (Count | Duration)[];
  if (!names.every((name) => isReadable(draft, name))) return undefined;
  const filled = names.filter((name) => !isEmpty(draft.texts[name]));
  const { strategy, onFailure } = draft;
  return {
    ...(strategy === '' ? {} : { strategy }),
    ...(onFailure === '' ? {} : { onFailure }),
    ...Object.fromEntries(filled.map((name) => [name, read(name, draft.texts[name].trim())])),
  };
}
