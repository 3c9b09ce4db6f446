import type { Platform } from '../../services/platform.ts';
import type { EventStreams } from '../event-stream.ts';
import type { Api } from '../typed.ts';

/** What routes may use. */
export interface RouteContext {
  readonly platform: Platform;
  readonly streams: EventStreams;
}

/** Registers the routes of one noun. */
export type Routes = (app: Api, context: RouteContext) => void;
