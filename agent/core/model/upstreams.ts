import { upstreamOf } from '../../../protocol/image-reference.ts';
import { limits } from '../../../protocol/limits.ts';
import type { CommandOf } from '../../../protocol/schemas/commands.ts';
import type { Upstream, UpstreamRecord } from '../../../protocol/schemas/image.ts';
import { keys, prefixes } from '../catalog/keys.ts';
import { type ModelContext, type ModelView, refuse, timestamp, type Verdict } from './verdict.ts';

/** An upstream as people see it: the password, sealed as it is, stays inside. */
export const upstreamView = ({ sealedPassword, ...shown }: UpstreamRecord): Upstream => ({
  ...shown,
  hasLogin: sealedPassword !== undefined,
});

/** Says how to reach another registry; what is left out stays, null takes it away. */
export function putUpstream(command: CommandOf<'upstream.put'>, view: ModelView, context: ModelContext): Verdict {
  const { host } = command;
  const known = upstreamOf(`${host}/image`)?.host;
  if (known !== host) {
    const why =
      known === undefined ? 'has neither a dot nor a port, so image names would not take it for one' : `is "${known}"`;
    return refuse('invalid-request', `"${host}" can't be set as a registry: it ${why}.`, [
      { pointer: '/host', detail: why },
    ]);
  }
  const key = keys.upstream(host);
  const before = view.get<UpstreamRecord>(key);
  if (before === undefined && view.list(prefixes.upstreams).length >= limits.upstreams) {
    return refuse(
      'conflict',
      `The mesh has ${limits.upstreams} other registries, the most it may have. Delete one first.`,
    );
  }
  const url = next(command.url, before?.url);
  const username = next(command.username, before?.username);
  const sealedPassword = next(command.sealedPassword, before?.sealedPassword);
  if ((username === undefined) !== (sealedPassword === undefined)) {
    const pointer = username === undefined ? '/username' : '/password';
    return refuse('invalid-request', 'A login has a user name and a password: give both, or take both away.', [
      { pointer, detail: 'is missing' },
    ]);
  }
  const upstream: UpstreamRecord = {
    host,
    ...(url === undefined ? {} : { url }),
    ...(username === undefined ? {} : { username }),
    ...(sealedPassword === undefined ? {} : { sealedPassword }),
    updatedAt: timestamp(context),
    updatedBy: context.actorId,
  };
  return { ok: true, writes: [{ key, value: upstream }], body: upstreamView(upstream), primaryKey: key };
}

const next = <T>(change: T | null | undefined, before: T | undefined): T | undefined =>
  change === undefined ? before : (change ?? undefined);

/** Forgets the address and the login of a registry. Its images can still be pulled if it asks for neither. */
export function deleteUpstream(command: CommandOf<'upstream.delete'>, view: ModelView): Verdict {
  const key = keys.upstream(command.host);
  const upstream = view.get<UpstreamRecord>(key);
  if (upstream === undefined) {
    return refuse('not-found', `Nothing is set for the registry "${command.host}".`, [
      { pointer: '/host', detail: `no registry "${command.host}"` },
    ]);
  }
  return { ok: true, writes: [{ key, value: undefined }], body: upstreamView(upstream), primaryKey: key };
}
