import type { Topic } from '../../services/platform.ts';
import type { EventStream } from '../event-stream.ts';
import { answers, eventStream } from '../schemas.ts';
import type { RouteContext, Routes } from './context.ts';

/** Every topic: what whoever begins to watch has to read. */
const ALL: ReadonlySet<Topic> = new Set<Topic>([
  'hosts',
  'containers',
  'apps',
  'operations',
  'events',
  'members',
  'images',
]);

export const changeRoutes: Routes = (app, context) => {
  app.get(
    '/v1/changes',
    {
      schema: {
        operationId: 'watchChanges',
        description:
          'Server-sent events named `changes`: `topics`, what may look different now, and this member with how many ' +
          'members it sees. All topics at first, then at most 20 events a second. Readers read again what they show.',
        tags: ['mesh'],
        response: answers({ 200: eventStream }),
      },
    },
    (_request, reply) => context.streams.answer(reply, (stream) => follow(context, stream)),
  );
};

/** A reader that lags gets what it missed as one event: topics add up, so nothing is lost and nothing piles up. */
function follow({ platform }: RouteContext, stream: EventStream): () => void {
  const { hostId, hostName, meshId, agentVersion } = platform;
  const missed = new Set<Topic>();
  const sendMissed = (): void => {
    if (missed.size === 0) return;
    if (stream.isFull) {
      stream.whenRead(sendMissed);
      return;
    }
    const topics = [...missed].sort();
    missed.clear();
    stream.send({ event: 'changes', data: { topics, hostId, hostName, meshId, agentVersion, ...platform.view() } });
  };
  const add = (topics: ReadonlySet<Topic>): void => {
    for (const topic of topics) missed.add(topic);
    sendMissed();
  };
  const unwatch = platform.watch(add);
  add(ALL);
  return unwatch;
}
