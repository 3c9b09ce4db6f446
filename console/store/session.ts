import { signal } from '@preact/signals';

/** Kept for this tab only: it is gone with the tab, other sites can't send it, and no cookie needs protection. */
const KEY = 'shoal-token';

/** The API token of whoever is signed in. */
export const token = signal<string | undefined>(sessionStorage.getItem(KEY) ?? undefined);

/** Whether the last token was refused, as opposed to nobody having signed in. */
export const wasRefused = signal(false);

export function signIn(value: string): void {
  sessionStorage.setItem(KEY, value);
  wasRefused.value = false;
  token.value = value;
}

/** The API does not accept it (any more). */
export function forgetToken(): void {
  // Requests that were under way with it are refused as well.
  if (token.peek() === undefined) return;
  wasRefused.value = true;
  signOut();
}

export function signOut(): void {
  sessionStorage.removeItem(KEY);
  token.value = undefined;
}
