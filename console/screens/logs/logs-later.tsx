import { later } from '../../ui/later.tsx';

/** The log, with all that draws it, is loaded when one is opened. */
export const LogsLater = later(async () => (await import('./logs.tsx')).LogsView);
