import { LevelStore } from '../../../agent/adapters/level/level-store.ts';
import { ShoalError } from '../../../protocol/errors.ts';

/*
 * Writes to the store in the directory given until that fails a few times, then goes on until a hundred batches more are
 * acknowledged. Prints the key of each batch that was. Started with a limit on the size of a file, which is to a database
 * what a disk is that is full and later has space again: a write stops in the middle, and a new file can be written.
 */
const [directory = ''] = process.argv.slice(2);
const FAILURES = 3;
const TRIES_MAX = 10_000;

const store = await LevelStore.open(directory);
const value = new Uint8Array(700).fill(1);
let failures = 0;
let after = 0;
for (let n = 0; n < TRIES_MAX && after < 100; n++) {
  const key = String(n).padStart(6, '0');
  try {
    await store.write([{ type: 'put', key, value }]);
    console.log(key);
    if (failures >= FAILURES) after++;
  } catch (error) {
    if (!(error instanceof ShoalError) || error.code !== 'not-stored') throw error;
    failures++;
  }
}
await store.close();
if (after < 100) throw new Error(`failed ${failures} times and did not recover`);
