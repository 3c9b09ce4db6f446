import type { AppOperation, ImageOperation, MoveOperation, Operation } from '../../../protocol/schemas/operation.ts';
import { linkTo } from '../../store/link.ts';
import { t } from '../../text/text.ts';

const imageKinds: ReadonlySet<string> = new Set<ImageOperation['kind']>(['preheat', 'verify', 'collect']);
const moveKinds: ReadonlySet<string> = new Set<MoveOperation['kind']>(['drain', 'rebalance']);

export const isImages = (operation: Operation): operation is ImageOperation => imageKinds.has(operation.kind);
export const isMoves = (operation: Operation): operation is MoveOperation => moveKinds.has(operation.kind);
export const isOfApp = (operation: Operation): operation is AppOperation => !isImages(operation) && !isMoves(operation);

/** What an operation is about, as a link to it. */
export function Subject({ operation }: { readonly operation: Operation }) {
  if (isOfApp(operation)) {
    const { group, app, cluster, version } = operation;
    return (
      <span>
        <a href={linkTo(['apps', group, app])}>
          {group}/{app}
        </a>
        <span class="muted small">
          {version !== undefined && ` v${version}`}
          {cluster !== undefined && cluster !== 'default' && ` · ${cluster}`}
        </span>
      </span>
    );
  }
  if (isImages(operation)) return <span class="wrap">{operation.image?.reference ?? t('operation.allImages')}</span>;
  const { hostId, hostName } = operation;
  return hostId === undefined ? (
    <span>{t('operation.allHosts')}</span>
  ) : (
    <a href={linkTo(['hosts', hostId])}>{hostName ?? hostId}</a>
  );
}
