import { Transfer } from '../../../protocol/schemas/image.ts';
import type { EventStream } from '../event-stream.ts';
import { pageOfItems } from '../pages.ts';
import { answers, eventStream, pageOf, pageQuery, query } from '../schemas.ts';
import { TransferFeed } from '../transfer-feed.ts';
import type { Routes } from './context.ts';

/** Transfers in one event, so that one fits well into what a stream may have unsent. */
const SHOWN_MAX = 200;
const tags = ['images'];
const keyOf = ({ hostName, hostId, digest }: Transfer): string => `${hostName}/${hostId}/${digest}`;

export const transferRoutes: Routes = (app, { platform, streams }) => {
  const feed = new TransferFeed(platform);

  app.get(
    '/v1/transfers',
    {
      schema: {
        operationId: 'listTransfers',
        description: 'Blobs that are on their way to a host now. Hosts that do not answer are left out.',
        tags,
        querystring: query(pageQuery),
        response: answers({ 200: pageOf(Transfer) }),
      },
    },
    async (request) => pageOfItems(await platform.images.transfers(), keyOf, request.query),
  );

  app.get(
    '/v1/transfers/events',
    {
      schema: {
        operationId: 'watchTransfers',
        description:
          'Server-sent events: `transfers` with the transfers of that moment (the first 200 of `total`) now, and when ' +
          'they have changed, at most once a second. Hosts are asked once a second for all who watch, and not when nobody does.',
        tags,
        response: answers({ 200: eventStream }),
      },
    },
    (_request, reply) => streams.answer(reply, (stream) => follow(feed, stream)),
  );
};

/** Sends what differs from what was sent last. A client that lags misses moments, not the present one. */
function follow(feed: TransferFeed, stream: EventStream): () => void {
  let sent = '';
  return feed.watch({
    next: (transfers) => {
      const now = JSON.stringify(transfers);
      if (now === sent || stream.isFull) return;
      const { items } = pageOfItems(transfers, keyOf, { limit: SHOWN_MAX });
      stream.send({ event: 'transfers', data: { items, total: transfers.length } });
      sent = now;
    },
    end: () => stream.end(),
  });
}
