import type { AccessAction } from '../../protocol/actions.ts';
import { linkTo } from '../store/link.ts';
import { may } from '../store/rights.ts';
import { goTo } from '../store/router.ts';
import type { MessageKey } from '../text/messages.ts';
import { t } from '../text/text.ts';
import { closeDialog, openDialog } from '../ui/dialog.tsx';

interface Go {
  readonly key: string;
  readonly place: string;
  readonly word: MessageKey;
  /** Not for whoever may not do this. */
  readonly does?: AccessAction;
}

/** `g` and then one of these goes to a screen. */
const goes: readonly Go[] = [
  { key: 'o', place: 'overview', word: 'nav.overview' },
  { key: 't', place: 'topology', word: 'nav.topology' },
  { key: 'a', place: 'apps', word: 'nav.apps' },
  { key: 'h', place: 'hosts', word: 'nav.hosts' },
  { key: 'i', place: 'images', word: 'nav.images' },
  { key: 'p', place: 'operations', word: 'nav.operations' },
  { key: 'e', place: 'events', word: 'nav.events' },
  { key: 'x', place: 'access', word: 'nav.access' },
  { key: 'd', place: 'deploy', word: 'deploy.title', does: 'app.deploy' },
];

/** The second key must follow the first within this. Milliseconds. */
const CHORD_MS = 1_500;

/** Keys that work anywhere but in a field. */
export function listenToKeys(): () => void {
  let chordUntil = 0;
  const press = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const place =
      event.timeStamp < chordUntil
        ? goes.find(({ key, does = 'read' }) => key === event.key && may(does))?.place
        : undefined;
    chordUntil = 0;
    if (place !== undefined) goTo(linkTo([place]));
    else if (event.key === 'g') chordUntil = event.timeStamp + CHORD_MS;
    else if (event.key === '/') document.querySelector<HTMLElement>('.main input[type="search"]')?.focus();
    else if (event.key === '?') showKeys();
    else return;
    event.preventDefault();
  };
  window.addEventListener('keydown', press);
  return () => window.removeEventListener('keydown', press);
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('input, textarea, select, dialog, [role="menu"]') !== null;

export function showKeys(): void {
  openDialog(() => (
    <div>
      <h2 id="dialog-title">{t('keys.title')}</h2>
      <dl class="facts">
        {goes
          .filter(({ does = 'read' }) => may(does))
          .map(({ key, word }) => [
            <dt key={`${key}?`}>
              <kbd>g</kbd> <kbd>{key}</kbd>
            </dt>,
            <dd key={key}>{t(word)}</dd>,
          ])}
        <dt>
          <kbd>/</kbd>
        </dt>
        <dd>{t('keys.search')}</dd>
        <dt>
          <kbd>?</kbd>
        </dt>
        <dd>{t('keys.title')}</dd>
        <dt>
          <kbd>Ctrl</kbd> <kbd>F6</kbd>
        </dt>
        <dd>{t('keys.leaveTerminal')}</dd>
        <dt>
          <kbd>Esc</kbd>
        </dt>
        <dd>{t('action.close')}</dd>
      </dl>
      <footer>
        <button type="button" class="primary" onClick={closeDialog}>
          {t('action.close')}
        </button>
      </footer>
    </div>
  ));
}
