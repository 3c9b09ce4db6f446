import { expect, it } from 'vitest';
import { en } from '../../../console/text/en.ts';
import { fill } from '../../../console/text/messages.ts';
import { zh } from '../../../console/text/zh.ts';

const placesIn = (message: string): string[] => [...message.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();

/** Shows that no language has a hole: the same messages, with the same places for values. */
it('English and Chinese have the same messages and places', () => {
  expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort());
  for (const [key, message] of Object.entries(en)) {
    expect(message, key).not.toBe('');
    expect(zh[key as keyof typeof en], key).not.toBe('');
    expect(placesIn(zh[key as keyof typeof en]), key).toEqual(placesIn(message));
  }
});

it('values are put in as they are, and unknown places stay', () => {
  expect(fill('{a} of {b}, {c}', { a: 1, b: '<b>$&</b>' })).toBe('1 of <b>$&</b>, {c}');
});
