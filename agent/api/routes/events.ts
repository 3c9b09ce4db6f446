import Type from 'typebox';
import { limits } from '../../../protocol/limits.ts';
import { ContainerIdSchema, Name, OperationIdSchema } from '../../../protocol/schemas/common.ts';
import { Event } from '../../../protocol/schemas/model.ts';
import type { Platform } from '../../services/platform.ts';
import type { EventStream } from '../event-stream.ts';
import type { Page } from '../pages.ts';
import { answers, eventStream, pageOf, pageQuery, query } from '../schemas.ts';
import type { Routes } from './context.ts';

const eventId = Type.String({ pattern: '^[A-Za-z0-9_-]+$', maxLength: 64, description: 'event id' });
const time = (description: string) =>
  Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT[0-9:.]{5,15}(Z|[+-]\\d\\d:\\d\\d)$', maxLength: 40, description });
const filters = {
  kind: Type.Optional(
    Type.String({ pattern: '^[a-z][a-z.-]{0,62}\\*?$', description: 'a kind, or its beginning: host.*' }),
  ),
  group: Type.Optional(Name),
  app: Type.Optional(Name),
  host: Type.Optional(Type.String({ pattern: '^[a-zA-Z0-9-]+$', maxLength: 80, description: 'host id' })),
  container: Type.Optional(ContainerIdSchema),
  operation: Type.Optional(OperationIdSchema),
  actor: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
  since: Type.Optional(time('RFC 3339: this and later')),
  until: Type.Optional(time('RFC 3339: earlier than this')),
  text: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: 'part of the message, in any case' })),
};
const tags = ['events'];
type Filter = Parameters<Platform['events']>[0];

export const eventRoutes: Routes = (app, { platform, streams }) => {
  app.get(
    '/v1/events',
    {
      schema: {
        operationId: 'listEvents',
        description:
          'Oldest first: the ones after `after`, or those before `before`, or else the newest ones. All filters have to fit.',
        tags,
        querystring: query({
          ...filters,
          limit: pageQuery.limit,
          cursor: Type.Optional(eventId),
          after: Type.Optional(eventId),
          before: Type.Optional(eventId),
        }),
        response: answers({ 200: pageOf(Event) }),
      },
    },
    (request): Page<Event> => {
      const { limit = limits.pageItems, cursor, after, before, ...filter } = request.query;
      const from = cursor ?? after;
      if (from === undefined) {
        const all = platform.events(filter);
        return { items: (before === undefined ? all : all.filter(({ id }) => id < before)).slice(-limit) };
      }
      const found = platform.events({ ...filter, after: from });
      const items = found.slice(0, limit);
      const last = items.at(-1);
      return { items, ...(found.length > limit && last !== undefined ? { nextCursor: last.id } : {}) };
    },
  );

  app.get(
    '/v1/events/stream',
    {
      schema: {
        operationId: 'watchEvents',
        description: 'Server-sent events named `event`, from now on, or after `after` or the header `Last-Event-ID`.',
        tags,
        querystring: query({ ...filters, after: Type.Optional(eventId) }),
        headers: Type.Object({ 'last-event-id': Type.Optional(eventId) }),
        response: answers({ 200: eventStream }),
      },
    },
    (request, reply) => {
      const { after, ...filter } = request.query;
      const from = request.headers['last-event-id'] ?? after;
      return streams.answer(reply, (stream) => follow(platform, filter, from, stream));
    },
  );
};

/** Events from hosts whose clocks differ arrive out of order; one may be late by this many others and is still sent. */
const LATE_EVENTS_MAX = 256;

/** Sends what is new. Ids are sorted by their author's clock, so what was sent lately is remembered one by one. */
function follow(platform: Platform, filter: Filter, after: string | undefined, stream: EventStream): () => void {
  const old = platform.events(filter).filter(({ id }) => after === undefined || id <= after);
  const recent = new Set(old.slice(-LATE_EVENTS_MAX).map(({ id }) => id));
  let since = old.at(-LATE_EVENTS_MAX - 1)?.id;
  const sendNew = (): void => {
    const events = platform.events(since === undefined ? filter : { ...filter, after: since });
    for (const event of events) {
      if (recent.has(event.id)) continue;
      if (stream.isFull) {
        stream.whenRead(sendNew);
        return;
      }
      recent.add(event.id);
      stream.send({ id: event.id, event: 'event', data: event });
    }
    since = events.at(-LATE_EVENTS_MAX - 1)?.id ?? since;
    for (const id of recent) if (since !== undefined && id <= since) recent.delete(id);
  };
  const unwatch = platform.watch((topics) => {
    if (topics.has('events')) sendNew();
  });
  sendNew();
  return unwatch;
}
