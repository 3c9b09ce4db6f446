import { formatDuration } from '../format/time.ts';
import { liveness, servedBy } from '../store/changes.ts';
import { nowMs } from '../store/clock.ts';
import { me } from '../store/rights.ts';
import { signOut } from '../store/session.ts';
import { t } from '../text/text.ts';
import { Icon } from '../ui/icon.tsx';
import { Badge } from '../ui/status.tsx';
import { showKeys } from './keys.tsx';
import { LanguageChoice, ThemeChoice } from './preferences.tsx';

/** After so long without the member's word, what is shown may be wrong. Milliseconds. */
const STALE_MS = 15_000;

/** Whose view this is, and whether it is current. */
export function Header() {
  const served = servedBy.value;
  return (
    <header class="header">
      <a class="brand" href="#/" aria-label="Shoal">
        <img src="./icon.svg" alt="" />
        <span>Shoal</span>
      </a>
      <div class="served">
        {served !== undefined && (
          <span class="served-by" title={`${served.hostId} · ${served.agentVersion}`}>
            <span class="wide">{t('shell.servedBy')} </span>
            <strong>{served.hostName}</strong>
            <span class="wide">
              {' · '}
              {t('shell.sees', { alive: served.alive, members: served.members })}
            </span>
          </span>
        )}
        <span role="status">
          <LiveBadge />
        </span>
      </div>
      {me.value?.role === 'guest' && (
        <span class="wide">
          <Badge tone="idle">{t('role.guest')}</Badge>
        </span>
      )}
      <LanguageChoice />
      <ThemeChoice />
      <button
        type="button"
        class="quiet icon-only wide"
        title={t('keys.title')}
        aria-label={t('keys.title')}
        onClick={showKeys}
      >
        <Icon name="keyboard" />
      </button>
      <button
        type="button"
        class="quiet icon-only"
        title={t('shell.signOut')}
        aria-label={t('shell.signOut')}
        onClick={signOut}
      >
        <Icon name="leave" />
      </button>
    </header>
  );
}

function LiveBadge() {
  const now = liveness.value;
  if (now.state === 'live') return <Badge tone="ok">{t('live.live')}</Badge>;
  if (now.state === 'connecting') return <Badge tone="busy">{t('live.connecting')}</Badge>;
  const silentMs = Math.max(0, nowMs.value - now.sinceMs);
  if (silentMs < STALE_MS) return <Badge tone="busy">{t('live.reconnecting')}</Badge>;
  return <Badge tone="bad">{t('live.stale', { since: formatDuration(silentMs) })}</Badge>;
}
