import { expect, it } from 'vitest';
import { Limiter } from '../../../agent/services/host/limiter.ts';

it('lets so many run, the others in turn, and refuses what finds too many waiting', async () => {
  const limiter = new Limiter(1, 1);
  const { promise, resolve } = Promise.withResolvers<string>();
  const first = limiter.run(() => promise);
  const second = limiter.run(async () => 'second');
  await expect(limiter.run(async () => 'third')).rejects.toMatchObject({ code: 'rate-limited' });
  resolve('first');
  expect(await Promise.all([first, second])).toEqual(['first', 'second']);
  expect(await limiter.run(async () => 'later')).toBe('later');
});
