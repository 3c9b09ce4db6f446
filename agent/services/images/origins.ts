import { ShoalError } from '../../../protocol/errors.ts';
import { DOCKER_HUB, type UpstreamName, upstreamOf } from '../../../protocol/image-reference.ts';
import type { UpstreamRecord } from '../../../protocol/schemas/image.ts';
import { keys } from '../../core/catalog/keys.ts';
import type { UpstreamAccess } from '../../ports/upstream.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Sealing } from './sealing.ts';

/** Docker Hub's registry is not at the name that images carry. */
const HUB_URL = 'https://registry-1.docker.io';

/** Where other registries are and who the mesh is there. A password is opened here, by the host that fetches, and nowhere else. */
export class Origins {
  readonly #catalog: Pick<Catalog, 'get'>;
  readonly #sealing: Sealing;

  constructor(catalog: Pick<Catalog, 'get'>, sealing: Sealing) {
    this.#catalog = catalog;
    this.#sealing = sealing;
  }

  /**
   * @param repository with the upstream's host in front
   * @throws ShoalError not-found when it names no upstream, not-ready when this host can't open the login
   */
  of(repository: string): { readonly access: UpstreamAccess; readonly name: UpstreamName } {
    const name = upstreamOf(repository);
    if (name === undefined) throw new ShoalError('not-found', `${repository} belongs to no other registry.`);
    const record = this.#catalog.get<UpstreamRecord>(keys.upstream(name.host))?.value;
    const url = record?.url ?? (name.host === DOCKER_HUB ? HUB_URL : `https://${name.host}`);
    if (record?.username === undefined || record.sealedPassword === undefined) {
      return { access: { url, login: undefined }, name };
    }
    const password = this.#sealing.open(record.sealedPassword, name.host);
    return { access: { url, login: { username: record.username, password } }, name };
  }
}
