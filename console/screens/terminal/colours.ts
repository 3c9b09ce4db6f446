import type { ITheme } from '@xterm/xterm';
import { colourOf } from '../../ui/colour-of.ts';

const names = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const;
const bright = ['Red', 'Green', 'Yellow', 'Blue', 'Magenta', 'Cyan', 'White'] as const;

/** The colours of the console, as they are now: xterm.js takes values only. */
export function terminalColours(): ITheme {
  const ansi = (index: number): string => colourOf(`--ansi-${index}`);
  return {
    background: colourOf('--surface'),
    foreground: colourOf('--text'),
    cursor: colourOf('--accent'),
    cursorAccent: colourOf('--surface'),
    selectionBackground: colourOf('--accent-soft'),
    ...Object.fromEntries(names.map((name, index) => [name, ansi(index)])),
    ...Object.fromEntries(bright.map((name, index) => [`bright${name}`, ansi(index + 1)])),
    brightBlack: ansi(8),
  };
}
