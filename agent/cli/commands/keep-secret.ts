import { writePrivate } from '../client/contexts.ts';
import type { Session } from '../session.ts';

/** Writes what is shown once to a file. When that fails it is printed: it exists by now, and nobody could see it again. */
export function keepSecret(session: Session, file: string, secret: string): void {
  try {
    writePrivate(file, `${secret}\n`);
  } catch (error) {
    session.print(secret);
    throw error;
  }
}
