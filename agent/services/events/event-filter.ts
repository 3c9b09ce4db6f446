import type { Event } from '../../../protocol/schemas/model.ts';

/** Which events somebody wants to see. All that is said has to fit. */
export interface EventFilter {
  /** Event id: only later ones. */
  readonly after?: string | undefined;
  /** A whole kind, or its beginning with a `*`: `host.*`. */
  readonly kind?: string | undefined;
  readonly group?: string | undefined;
  readonly app?: string | undefined;
  /** It is about this host, or this host saw it. */
  readonly host?: string | undefined;
  readonly container?: string | undefined;
  readonly operation?: string | undefined;
  readonly actor?: string | undefined;
  /** RFC 3339. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  /** Part of the message, in any case. */
  readonly text?: string | undefined;
}

/** Whether an event is one of those. */
export function matchesEvent(filter: EventFilter): (event: Event) => boolean {
  const { after, kind, group, app, host, container, operation, actor, since, until } = filter;
  const [sinceMs, untilMs] = [since, until].map((time) => (time === undefined ? undefined : Date.parse(time)));
  const text = filter.text?.toLowerCase();
  const begins = kind?.endsWith('*') === true ? kind.slice(0, -1) : undefined;
  return (event) =>
    (after === undefined || event.id > after) &&
    (kind === undefined || (begins === undefined ? event.kind === kind : event.kind.startsWith(begins))) &&
    (group === undefined || event.group === group) &&
    (app === undefined || event.app === app) &&
    (host === undefined || event.host === host || event.source === host) &&
    (container === undefined || event.container === container) &&
    (operation === undefined || event.operation === operation) &&
    (actor === undefined || event.actor === actor) &&
    (sinceMs === undefined || Date.parse(event.at) >= sinceMs) &&
    (untilMs === undefined || Date.parse(event.at) < untilMs) &&
    (text === undefined || event.message.toLowerCase().includes(text));
}
