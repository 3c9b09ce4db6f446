import { type ErrorCode, type FieldFault, isErrorCode, ShoalError } from '../../../protocol/errors.ts';

/** An error on its way to the other thread: structured clone would keep its message only. */
export interface SentError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly faults: readonly FieldFault[];
}

/** From the caller to the one that serves. */
export type Request =
  | {
      readonly type: 'call';
      readonly id: number;
      readonly method: string;
      /** Without the signal and the functions, and with errors as `SentError`; the rest says where they stood. */
      readonly args: readonly unknown[];
      readonly signalAt: number | undefined;
      readonly callbacksAt: readonly number[];
      readonly errorsAt: readonly number[];
      /** The signal means something after the answer too. */
      readonly isLasting: boolean;
    }
  | { readonly type: 'cancel'; readonly id: number; readonly reason: SentError };

/** Back to the caller, in the order that it happened. */
export type Reply =
  | { readonly type: 'value'; readonly id: number; readonly value: unknown }
  | { readonly type: 'error'; readonly id: number; readonly error: SentError }
  | { readonly type: 'event'; readonly id: number; readonly at: number; readonly args: readonly unknown[] };

export const isShoalError = (error: unknown): error is ShoalError =>
  error instanceof ShoalError && isErrorCode(error.code);

export const pack = ({ code, message, faults }: ShoalError): SentError => ({ code, message, faults });

export const unpack = ({ code, message, faults }: SentError): ShoalError => new ShoalError(code, message, { faults });

/** An error that is handed on, or a signal's reason: one that is no ShoalError gets this code. */
export const packAs = (code: ErrorCode, error: unknown): SentError =>
  isShoalError(error) ? pack(error) : { code, message: error instanceof Error ? error.message : code, faults: [] };
