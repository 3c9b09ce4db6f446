import { later } from '../../ui/later.tsx';

/** The terminal is the largest part of the console. */
export const ShellLater = later(async () => (await import('./shell.tsx')).ShellView);
export const ReplayLater = later(async () => (await import('./replay.tsx')).ReplayView);
