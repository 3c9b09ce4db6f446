import type { MessagePort } from 'node:worker_threads';
import { ShoalError } from '../../../protocol/errors.ts';
import type { Log } from '../../ports/log.ts';
import type { MethodOf } from './caller.ts';
import { isShoalError, pack, type Reply, type Request, type SentError, unpack } from './messages.ts';

type Call = Extract<Request, { type: 'call' }>;

/** Answers the calls of `callerOf` at the other end of a port, by the listed methods only. A closed port cancels what runs. */
export function serve<T extends object>(port: MessagePort, target: T, methods: readonly MethodOf<T>[], log: Log): void {
  const allowed: ReadonlySet<string> = new Set(methods);
  const running = new Map<number, AbortController>();

  const reply = (message: Reply): void => port.postMessage(message);

  const answer = async (call: Call): Promise<void> => {
    const { id, method } = call;
    const controller = new AbortController();
    running.set(id, controller);
    let isHeld = false;
    try {
      if (!allowed.has(method)) throw new Error('there is no such method');
      const value = await invoke(target, call, controller.signal, (at, args) => reply({ type: 'event', id, at, args }));
      reply({ type: 'value', id, value });
      isHeld = call.isLasting && value !== undefined && !controller.signal.aborted;
    } catch (error) {
      reply({ type: 'error', id, error: packOrLog(error, controller.signal, method, log) });
    } finally {
      if (!isHeld) running.delete(id);
    }
  };

  const cancel = (id: number, reason: SentError): void => {
    running.get(id)?.abort(unpack(reason));
    running.delete(id);
  };

  port.on('message', (request: Request) => {
    if (request.type === 'call') void answer(request);
    else cancel(request.id, request.reason);
  });
  port.once('close', () => {
    for (const controller of running.values()) controller.abort(new ShoalError('cancelled', 'The caller is gone.'));
    running.clear();
  });
}

function invoke(
  target: object,
  { method, args, signalAt, callbacksAt, errorsAt }: Call,
  signal: AbortSignal,
  emit: (at: number, args: readonly unknown[]) => void,
): unknown {
  const given = [...args];
  if (signalAt !== undefined) given[signalAt] = signal;
  for (const at of callbacksAt) given[at] = (...values: readonly unknown[]) => emit(at, values);
  for (const at of errorsAt) given[at] = unpack(args[at] as SentError);
  const found: unknown = Reflect.get(target, method);
  if (typeof found !== 'function') throw new Error('there is no such method');
  return Reflect.apply(found, target, given);
}

/** Here the stack of an unexpected error is still known; the caller is told no more than that there was one. */
function packOrLog(error: unknown, signal: AbortSignal, method: string, log: Log): SentError {
  if (isShoalError(error)) return pack(error);
  if (signal.aborted) return pack(new ShoalError('cancelled', 'The call was cancelled.'));
  log.error({ error, method }, 'a call from the other thread failed');
  return pack(new ShoalError('internal', `${method} failed; the log has the details.`));
}
