import type { HostId } from '../../protocol/ids.ts';
import type { MeshService } from './mesh/mesh-service.ts';
import type { MeshView } from './view/mesh-view.ts';

export interface ReadinessParts {
  readonly hostId: HostId;
  readonly view: MeshView;
  readonly mesh: MeshService;
}

/** Whether this node can be sent requests, for `/readyz` and whoever balances over nodes. */
export class Readiness {
  readonly #parts: ReadinessParts;

  constructor(parts: ReadinessParts) {
    this.#parts = parts;
  }

  now(): { readonly ready: boolean; readonly reason: string } {
    const { hostId, view, mesh } = this.#parts;
    if (view.isEvicted(hostId)) return { ready: false, reason: 'this host was evicted from the mesh' };
    if (!mesh.isCaughtUp()) return { ready: false, reason: 'not caught up with the other members yet' };
    if (mesh.isDiskFailing()) return { ready: false, reason: 'the data directory takes no writes' };
    if (view.recordOf(hostId)?.engine.state !== 'ready')
      return { ready: false, reason: 'the Docker engine does not answer' };
    return { ready: true, reason: 'ready' };
  }
}
