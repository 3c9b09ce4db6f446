import { theme } from '../store/preferences.ts';

/** A colour of `tokens.css` as `rgb(…)`, in the theme of now: what draws on a canvas needs the value. */
export function colourOf(token: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${token})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** Calls back after the colours have changed, by a choice here or in the system; returns what ends it. */
export function onColours(callback: () => void): () => void {
  let isOver = false;
  const later = (): void => void requestAnimationFrame(() => !isOver && callback());
  const system = matchMedia('(prefers-color-scheme: dark)');
  system.addEventListener('change', later);
  const end = theme.subscribe(later);
  return () => {
    isOver = true;
    system.removeEventListener('change', later);
    end();
  };
}
