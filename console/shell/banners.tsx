import { liveness, servedBy } from '../store/changes.ts';
import { nowMs } from '../store/clock.ts';
import { useHosts } from '../store/lists.ts';
import { t } from '../text/text.ts';
import { Icon } from '../ui/icon.tsx';
import { type OtherMember, otherMembers } from './other-addresses.ts';

/** A short gap is nothing to speak of. Milliseconds. */
const SPEAK_MS = 4_000;

/** What puts everything below in doubt: the member is gone, or cut off from others. */
export function Banners() {
  // Read while all is well, so that the addresses are known when they are needed.
  const { value: hosts = [] } = useHosts();
  const served = servedBy.value;
  const now = liveness.value;
  if (now.state === 'reconnecting' && nowMs.value - now.sinceMs > SPEAK_MS) {
    return (
      <Gone name={served?.hostName ?? location.host} others={otherMembers(hosts, served?.hostId, location.hash)} />
    );
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

const SHOWN_MAX = 8;

function Gone({ name, others }: { readonly name: string; readonly others: readonly OtherMember[] }) {
  const links = others.filter((other) => 'url' in other);
  const [tunnel] = links.length > 0 ? [] : others.filter((other) => 'port' in other);
  return (
    <div class="banners">
      <div class="banner" role="alert">
        <Icon name="warning" />
        <p>
          <strong>{t('banner.gone', { name })}</strong>{' '}
          {t(links.length > 0 ? 'banner.goneOthers' : tunnel === undefined ? 'banner.goneAlone' : 'banner.goneTunnel')}
          {tunnel !== undefined && (
            <>
              {' '}
              <code>{`ssh -N -L ${location.port || 80}:127.0.0.1:${tunnel.port} ${tunnel.name}`}</code>
            </>
          )}
        </p>
        {links.slice(0, SHOWN_MAX).map(({ name: other, url }) => (
          <a key={url} class="button" href={url}>
            {other}
          </a>
        ))}
      </div>
    </div>
  );
}
