import type { Host } from '../../protocol/schemas/host.ts';
import { liveness, servedBy } from '../store/changes.ts';
import { nowMs } from '../store/clock.ts';
import { useList } from '../store/resource.ts';
import { t } from '../text/text.ts';
import { Icon } from '../ui/icon.tsx';
import { otherAddresses } from './other-addresses.ts';

/** A short gap is nothing to speak of. Milliseconds. */
const SPEAK_MS = 4_000;

/** What puts everything below in doubt: the member is gone, or cut off from others. */
export function Banners() {
  // Read while all is well, so that the addresses are known when they are needed.
  const { value: hosts = [] } = useList<Host>('/v1/hosts', ['hosts'], ({ id }) => id);
  const served = servedBy.value;
  const now = liveness.value;
  if (now.state === 'reconnecting' && nowMs.value - now.sinceMs > SPEAK_MS) {
    return <Gone name={served?.hostName ?? location.host} others={otherAddresses(hosts, served?.hostId, location)} />;
  }
  if (now.state !== 'live' || served === undefined || served.alive === served.members) {
    return <div class="banners" />;
  }
  const { alive, members } = served;
  return (
    <div class="banners">
      <div class="banner" role="status">
        <Icon name="warning" />
        <p>
          <strong>{t(served.isolated ? 'banner.isolated' : 'banner.partition', { alive, members })}</strong>{' '}
          {t(served.isolated ? 'banner.isolatedWhat' : 'banner.partitionWhat')}
        </p>
        <a href="#/hosts">{t('nav.hosts')}</a>
      </div>
    </div>
  );
}

function Gone({ name, others }: { readonly name: string; readonly others: readonly { name: string; url: string }[] }) {
  return (
    <div class="banners">
      <div class="banner" role="alert">
        <Icon name="warning" />
        <p>
          <strong>{t('banner.gone', { name })}</strong>{' '}
          {t(others.length === 0 ? 'banner.goneAlone' : 'banner.goneOthers')}
        </p>
        {others.slice(0, 8).map(({ name: other, url }) => (
          <a key={url} class="button" href={url}>
            {other}
          </a>
        ))}
      </div>
    </div>
  );
}
