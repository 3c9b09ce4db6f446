import { describe, expect, it } from 'vitest';
import { match } from '../../../agent/core/placement/constraints.ts';
import type { Constraint } from '../../../protocol/schemas/common.ts';

const labels = { disk: 'ssd', zone: 'west', empty: '' };
const rule = (label: string, op: Constraint['op'], ...values: string[]): Constraint => ({ label, op, values });

describe('labels of a host', () => {
  it.each([
    { name: 'no rule', rules: [] },
    { name: '==', rules: [rule('disk', '==', 'ssd')] },
    { name: '== with several values', rules: [rule('disk', '==', 'nvme', 'ssd')] },
    { name: 'in', rules: [rule('zone', 'in', 'east', 'west')] },
    { name: '!=', rules: [rule('disk', '!=', 'hdd')] },
    { name: '!= of a label that is not there', rules: [rule('gpu', '!=', 'none')] },
    { name: 'an empty value', rules: [rule('empty', '==', '')] },
  ])('fit $name', ({ rules }) => {
    expect(match(labels, rules)).toEqual({ ok: true });
  });

  it.each([
    { rules: [rule('disk', '==', 'hdd')], detail: 'needs disk == hdd, the host has ssd' },
    { rules: [rule('zone', 'in', 'a', 'b')], detail: 'needs zone in (a, b), the host has west' },
    { rules: [rule('disk', '!=', 'ssd')], detail: 'needs disk != ssd, the host has ssd' },
    { rules: [rule('disk', '!=', 'ssd', 'nvme')], detail: 'needs disk not in (ssd, nvme), the host has ssd' },
    { rules: [rule('gpu', '==', 'yes')], detail: 'needs gpu == yes, the host has no such label' },
    { rules: [rule('toString', '==', 'x')], detail: 'needs toString == x, the host has no such label' },
    { rules: [rule('empty', '==', 'x')], detail: 'needs empty == x, the host has ""' },
    { rules: [rule('disk', '==', 'ssd'), rule('zone', '==', 'x')], detail: 'needs zone == x, the host has west' },
  ])('do not fit: $detail', ({ rules, detail }) => {
    expect(match(labels, rules)).toMatchObject({ ok: false, detail, constraint: rules.at(-1) });
  });
});
