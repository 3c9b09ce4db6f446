import { describe, expect, it } from 'vitest';
import { draftOfRollout, isReadable, rolloutOfDraft } from '../../../console/screens/apps/rollout-draft.ts';
import type { RolloutPolicy } from '../../../protocol/schemas/rollout.ts';

describe("the draft of an app's rollout policy", () => {
  it('gives back what it was made of, and nothing for what is empty', () => {
    const whole: RolloutPolicy = {
      strategy: 'blue-green',
      batch: 2,
      maxUnavailable: 0,
      maxSurge: 3,
      minHealthyMs: 1_500,
      healthyDeadlineMs: 300_000,
      progressDeadlineMs: 7_200_000,
      onFailure: 'pause',
    };
    expect(rolloutOfDraft(draftOfRollout(whole))).toEqual(whole);
    expect(rolloutOfDraft(draftOfRollout({}))).toEqual({});
  });

  it('names the field that it cannot read, and is no policy then', () => {
    const { texts, ...rest } = draftOfRollout({});
    const wrong = { ...rest, texts: { ...texts, batch: '0', minHealthyMs: 'soon', maxSurge: '0' } };
    const unread = (['batch', 'minHealthyMs', 'maxSurge'] as const).filter((name) => !isReadable(wrong, name));
    expect(unread).toEqual(['batch', 'minHealthyMs']);
    expect(rolloutOfDraft(wrong)).toBeUndefined();
  });
});
