import { setTimeout as delay } from 'node:timers/promises';
import { rssBytesOf } from '../agent-process.ts';

const EVERY_MS = 200;

/** The most resident memory that each process had while `work` was done, in bytes. */
export async function peakRss<T>(pids: readonly number[], work: Promise<T>): Promise<{ result: T; bytes: number[] }> {
  const bytes = pids.map(() => 0);
  let isOver = false;
  const over = work.finally(() => {
    isOver = true;
  });
  over.catch(() => undefined); // its failure is thrown below
  do {
    for (const [index, pid] of pids.entries()) bytes[index] = Math.max(bytes[index] ?? 0, rssBytesOf(pid));
    await Promise.race([delay(EVERY_MS), over.catch(() => undefined)]);
  } while (!isOver);
  return { result: await over, bytes };
}
