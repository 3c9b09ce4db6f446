import { ShoalError } from '../../../protocol/errors.ts';
import type { HostId } from '../../../protocol/ids.ts';
import type { MeshView } from './mesh-view.ts';
import type { Watchers } from './watchers.ts';

/** Tells whoever reads from a host that it is lost: a connection to a host without power just falls silent. */
export class HostLoss {
  readonly #watchers: Pick<Watchers, 'watch'>;
  readonly #view: Pick<MeshView, 'host'>;

  constructor(watchers: Pick<Watchers, 'watch'>, view: Pick<MeshView, 'host'>) {
    this.#watchers = watchers;
    this.#view = view;
  }

  /** Calls back once this member knows the host dead, or gone. Returns the unsubscribe function. */
  watch(hostId: HostId, onLost: (error: ShoalError) => void): () => void {
    const unwatch = this.#watchers.watch((topics) => {
      if (!topics.has('hosts')) return;
      const host = this.#view.host(hostId);
      if (host !== undefined && host.status !== 'dead' && host.status !== 'left') return;
      unwatch();
      onLost(new ShoalError('host-unreachable', `Its host ${host?.name ?? hostId} is ${host?.status ?? 'no member'}.`));
    });
    return unwatch;
  }
}
