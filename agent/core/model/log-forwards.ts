import { limits } from '../../../protocol/limits.ts';
import type { CommandOf } from '../../../protocol/schemas/commands.ts';
import type { LogForwardRecord } from '../../../protocol/schemas/log-forward.ts';
import { keys, prefixes } from '../catalog/keys.ts';
import { type ModelContext, type ModelView, refuse, timestamp, type Verdict } from './verdict.ts';

/** What the header's value is sealed for. */
export const forwardPurpose = (name: string): string => `log forward ${name}`;

/** Says where logs go; what is left out stays, null takes it away. */
export function putLogForward(command: CommandOf<'log-forward.put'>, view: ModelView, context: ModelContext): Verdict {
  const key = keys.logForward(command.forward);
  const before = view.get<LogForwardRecord>(key);
  if (before === undefined && view.list(prefixes.forwards).length >= limits.logForwards) {
    return refuse('conflict', `Logs are forwarded to ${limits.logForwards} places, the most there may be.`);
  }
  const url = command.url ?? before?.url;
  if (url === undefined) return fault('/url', 'is missing', 'A new place to forward logs to needs its url.');
  if (URL.parse(url)?.hostname === '' || URL.parse(url) === null)
    return fault('/url', 'names no host', `"${url}" is no address.`);
  const scope = command.scope ?? before?.scope ?? {};
  if (scope.app !== undefined && scope.group === undefined) {
    return fault('/scope/group', 'is missing', 'An app is named with its group.');
  }
  const headerName = next(command.headerName, before?.headerName);
  const sealedHeader = next(command.sealedHeader, before?.sealedHeader);
  if ((headerName === undefined) !== (sealedHeader === undefined)) {
    const pointer = headerName === undefined ? '/headerName' : '/headerValue';
    return fault(pointer, 'is missing', 'A header has a name and a value: give both, or take both away.');
  }
  if (headerName !== undefined && !url.startsWith('http')) {
    return fault('/headerName', 'is for http and https', 'Syslog has no headers.');
  }
  const caPem = next(command.caPem, before?.caPem);
  const forward: LogForwardRecord = {
    name: command.forward,
    url,
    scope,
    ...(headerName === undefined ? {} : { headerName }),
    ...(sealedHeader === undefined ? {} : { sealedHeader }),
    ...(caPem === undefined ? {} : { caPem }),
    verify: command.verify ?? before?.verify ?? true,
    updatedAt: timestamp(context),
    updatedBy: context.actorId,
  };
  const { sealedHeader: _sealed, ...shown } = forward;
  return { ok: true, writes: [{ key, value: forward }], body: shown, primaryKey: key };
}

/** Ends it; what waits on hosts is thrown away. */
export function deleteLogForward(command: CommandOf<'log-forward.delete'>, view: ModelView): Verdict {
  const key = keys.logForward(command.forward);
  const forward = view.get<LogForwardRecord>(key);
  if (forward === undefined) return refuse('not-found', `Logs are not forwarded to "${command.forward}".`);
  const { sealedHeader: _sealed, ...shown } = forward;
  return { ok: true, writes: [{ key, value: undefined }], body: shown, primaryKey: key };
}

const next = <T>(change: T | null | undefined, before: T | undefined): T | undefined =>
  change === undefined ? before : (change ?? undefined);

const fault = (pointer: string, detail: string, why: string): Verdict =>
  refuse('invalid-request', why, [{ pointer, detail }]);
