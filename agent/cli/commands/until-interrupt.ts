import type { Session } from '../session.ts';

/** Does something that goes on until Ctrl-C, which is how it is meant to end. */
export async function untilInterrupt(session: Session, work: () => Promise<void>): Promise<void> {
  let isStopped = false;
  const release = session.outside.onInterrupt(() => {
    isStopped = true;
    session.end();
  });
  try {
    await work();
  } catch (error) {
    if (!isStopped) throw error;
  } finally {
    release();
  }
}
