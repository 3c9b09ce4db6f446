import { expect, it } from 'vitest';
import {
  countFailures,
  FAILURE_WINDOW_MS,
  type RecentFailures,
  recordFailure,
} from '../../../agent/core/placement/recent-failures.ts';

it('counts failures of each app within the window', () => {
  const failures: RecentFailures = new Map();
  recordFailure(failures, 'web', 0);
  recordFailure(failures, 'web', 1_000);
  recordFailure(failures, 'db', 1_000);
  expect(countFailures(failures, 'web', FAILURE_WINDOW_MS - 1)).toBe(2);
  expect(countFailures(failures, 'web', FAILURE_WINDOW_MS)).toBe(1);
  expect(countFailures(failures, 'db', 1_000)).toBe(1);
  expect(countFailures(failures, 'other', 1_000)).toBe(0);
});

it('stays small, and forgets the app that failed longest ago', () => {
  const failures: RecentFailures = new Map();
  for (let index = 0; index < 1_500; index++) recordFailure(failures, `app-${index}`, index);
  for (let index = 0; index < 100; index++) recordFailure(failures, 'crashing', 1_500 + index);
  expect(failures.size).toBeLessThanOrEqual(1_000);
  expect(countFailures(failures, 'app-0', 1_600)).toBe(0);
  expect(countFailures(failures, 'app-1499', 1_600)).toBe(1);
  expect(failures.get('crashing')?.length).toBeLessThanOrEqual(16);
});
