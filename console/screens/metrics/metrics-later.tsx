import { later } from '../../ui/later.tsx';

/** Charts bring a library along. */
export const MetricsLater = later(async () => (await import('./metrics.tsx')).MetricsView);
export const AppMetricsLater = later(async () => (await import('./app-metrics.tsx')).AppMetricsView);
