import { render } from 'preact';
import { Console } from './shell/console.tsx';
import { followChanges } from './store/changes.ts';
import { applyTheme } from './store/preferences.ts';
import { applyLanguage } from './text/text.ts';

applyTheme();
applyLanguage();
followChanges();
const place = document.getElementById('app');
if (place !== null) render(<Console />, place);
