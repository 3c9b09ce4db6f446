import { useEffect } from 'preact/hooks';
import { useRights } from '../store/rights.ts';
import { route } from '../store/router.ts';
import { token } from '../store/session.ts';
import { t } from '../text/text.ts';
import { closeDialog, DialogPlace } from '../ui/dialog.tsx';
import { closeMenu, MenuPlace } from '../ui/menu.tsx';
import { Banners } from './banners.tsx';
import { Header } from './header.tsx';
import { listenToKeys } from './keys.tsx';
import { Nav } from './nav.tsx';
import { Screen } from './screen.tsx';
import { SignIn } from './sign-in.tsx';

/** The whole page: the sign-in, or the frame around the screen that the address names. */
export function Console() {
  return token.value === undefined ? <SignIn /> : <Frame />;
}

function Frame() {
  useRights();
  useEffect(listenToKeys, []);
  // What one person opened is not for the next.
  useEffect(
    () => () => {
      closeDialog();
      closeMenu();
    },
    [],
  );
  const place = route.value.parts.join('/');
  // A new screen begins at its top, and is where reading goes on.
  useEffect(() => {
    window.scrollTo(0, 0);
  }, [place]);
  return (
    <div class="shell">
      <a class="skip" href={location.hash} onClick={() => document.getElementById('main')?.focus()}>
        {t('shell.skip')}
      </a>
      <Header />
      <Nav />
      <Banners />
      <main id="main" class="main" tabIndex={-1}>
        <Screen />
      </main>
      <MenuPlace />
      <DialogPlace />
    </div>
  );
}
