import { ShoalError } from '../../../protocol/errors.ts';

/** The system's code of a failed file operation, like `ENOSPC`; undefined for every other error. */
export const systemCodeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;

/** The file is gone, or its sectors are. */
export const isDamage = (error: unknown): boolean => ['ENOENT', 'EIO'].includes(systemCodeOf(error) ?? '');

/** Runs an action that writes: what the system refuses leaves as `not-stored`, everything else as it is. */
export async function writing<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw systemCodeOf(error) === undefined ? error : notStored(error);
  }
}

function notStored(error: unknown): ShoalError {
  const code = systemCodeOf(error);
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  const detail = isFull
    ? 'The disk of the image store is full. Free some space on it, or lower the quota of the store.'
    : `The disk of the image store can not be written: ${wordsOf(error)}.`;
  return new ShoalError('not-stored', detail, { cause: error });
}

/** The system's reason, without the name of the file: `EIO: i/o error, write` gives `i/o error`. */
const wordsOf = (error: unknown): string =>
  error instanceof Error ? (error.message.split(': ')[1]?.split(',')[0] ?? error.message) : String(error);
