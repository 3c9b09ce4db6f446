import type { Digest } from '../../protocol/digest.ts';
import { limits } from '../../protocol/limits.ts';
import { compareText } from '../core/order.ts';
import type { Referrer } from '../services/images/registry-backend.ts';
import type { Exchange } from './exchange.ts';
import { linkTo } from './pages.ts';
import type { Parts } from './parts.ts';
import { notAllowed } from './registry-error.ts';
import { type Name, pathIn } from './route.ts';

const INDEX = 'application/vnd.oci.image.index.v1+json';

/** `GET /v2/<name>/referrers/<digest>`: an index of what refers to a manifest, empty for one that nobody knows. */
export async function serveReferrers(
  exchange: Exchange,
  { name, digest }: { readonly name: Name; readonly digest: Digest },
  query: URLSearchParams,
  parts: Parts,
): Promise<void> {
  if (!exchange.isRead) throw notAllowed('GET, HEAD');
  const wanted = query.get('artifactType');
  const after = query.get('last') ?? '';
  const rest = [...(await parts.backend.referrers(name.repository, digest))]
    .filter((r) => (wanted === null || r.artifactType === wanted) && compareText(r.digest, after) > 0)
    .sort((a, b) => compareText(a.digest, b.digest));
  const { descriptors, last } = onePage(rest);
  const filter: Record<string, string> = wanted === null ? {} : { artifactType: wanted };
  const path = last === undefined ? undefined : pathIn(name, `referrers/${digest}`, { ...filter, last });
  exchange.send(
    200,
    {
      'Content-Type': INDEX,
      ...(wanted === null ? {} : { 'OCI-Filters-Applied': 'artifactType' }),
      ...(path === undefined ? {} : linkTo(path)),
    },
    `{"schemaVersion":2,"mediaType":"${INDEX}","manifests":[${descriptors.join(',')}]}`,
  );
}

/** As many as a client has to take as one manifest, at least one. `last` when that is not all. */
function onePage(referrers: readonly Referrer[]): {
  readonly descriptors: string[];
  readonly last: Digest | undefined;
} {
  const descriptors: string[] = [];
  let size = 0;
  let last: Digest | undefined;
  for (const referrer of referrers) {
    const text = JSON.stringify(descriptorOf(referrer));
    size += Buffer.byteLength(text) + 1;
    if (descriptors.length > 0 && size > limits.manifestBytes - 256) return { descriptors, last };
    descriptors.push(text);
    last = referrer.digest;
  }
  return { descriptors, last: undefined };
}

const descriptorOf = ({ mediaType, digest, sizeBytes, artifactType, annotations }: Referrer): object => ({
  mediaType,
  digest,
  size: sizeBytes,
  artifactType,
  annotations,
});
