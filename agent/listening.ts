import { ShoalError } from '../protocol/errors.ts';
import type { ListenAt } from './image-thread-contract.ts';

/**
 * Listens, and names the setting when that fails.
 *
 * @throws ShoalError conflict when the address is taken, invalid-request when it can't be used
 */
export async function listeningAs<T>(setting: string, at: ListenAt, listen: (at: ListenAt) => Promise<T>): Promise<T> {
  try {
    return await listen(at);
  } catch (cause) {
    const isOfSystem = cause instanceof Error && 'syscall' in cause && 'code' in cause;
    if (!(cause instanceof ShoalError) && !isOfSystem) throw cause;
    const isTaken = cause instanceof ShoalError ? cause.code === 'conflict' : cause.code === 'EADDRINUSE';
    const words = cause.message.replace(/\.$/, '');
    throw new ShoalError(
      isTaken ? 'conflict' : 'invalid-request',
      `Cannot listen on ${at.address}:${at.port}: ${words}. ${setting} names another address.`,
      { cause },
    );
  }
}
