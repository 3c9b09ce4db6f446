import type { Operation } from '../../protocol/schemas/operation.ts';
import { linkTo } from '../store/link.ts';
import { useList } from '../store/resource.ts';
import { route } from '../store/router.ts';
import { t } from '../text/text.ts';
import { Icon, type IconName } from '../ui/icon.tsx';

const places = [
  'overview',
  'topology',
  'apps',
  'hosts',
  'images',
  'operations',
  'events',
  'access',
] as const satisfies readonly IconName[];

/** The screens. Operations that run are counted, so that nobody misses one. */
export function Nav() {
  const [noun = 'overview'] = route.value.parts;
  const current = noun === 'deploy' || noun === 'containers' ? 'apps' : noun;
  const { value: running } = useList<Operation>('/v1/operations?state=running', ['operations'], ({ id }) => id);
  return (
    <nav class="nav" aria-label={t('nav.label')}>
      <ul>
        {places.map((place) => (
          <li key={place}>
            <a href={linkTo([place])} aria-current={place === current ? 'page' : undefined}>
              <Icon name={place} />
              {t(`nav.${place}`)}
              {place === 'operations' && running !== undefined && running.length > 0 && (
                <span class="count">
                  {running.length}
                  <span class="visually-hidden"> {t('operation.running')}</span>
                </span>
              )}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
