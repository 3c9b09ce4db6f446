import { LevelStore } from '../../../agent/adapters/level/level-store.ts';

/**
 * Writes batches of two equal entries for ever, numbered from `first`, and says the number of each once it is acknowledged. Started by
 * `level-store.test.ts`, which kills it in the middle.
 */
const [directory = '', first = '0'] = process.argv.slice(2);
const store = await LevelStore.open(directory);
for (let i = Number(first); ; i++) {
  const value = new Uint8Array(4_096).fill(i % 251);
  const number = String(i).padStart(8, '0');
  await store.write([
    { type: 'put', key: `left/${number}`, value },
    { type: 'put', key: `right/${number}`, value },
  ]);
  process.stdout.write(`${number}\n`);
}
