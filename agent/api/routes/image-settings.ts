import { HostImageUsage, ImageSettings } from '../../../protocol/schemas/image.ts';
import { ImageSettingsChange } from '../../../protocol/schemas/requests.ts';
import { run } from '../command.ts';
import { pageOfItems } from '../pages.ts';
import { answers, pageOf, pageQuery, query, ref } from '../schemas.ts';
import type { Routes } from './context.ts';

const tags = ['images'];

export const imageSettingsRoutes: Routes = (app, { platform }) => {
  app.get(
    '/v1/image-settings',
    { schema: { operationId: 'getImageSettings', tags, response: answers({ 200: ref(ImageSettings) }) } },
    () => platform.images.settings(),
  );

  app.patch(
    '/v1/image-settings',
    {
      schema: {
        operationId: 'changeImageSettings',
        description: 'How fast each host may move layers. Holds at once, also for what is under way.',
        tags,
        body: ref(ImageSettingsChange),
        response: answers({ 200: ref(ImageSettings) }),
      },
    },
    async (request, reply) => {
      await run(platform, request, reply, { kind: 'images.set', ...request.body });
      return platform.images.settings();
    },
  );

  app.get(
    '/v1/image-usage',
    {
      schema: {
        operationId: 'listImageUsage',
        description: 'What the blob stores of the hosts take, as each last said.',
        tags,
        querystring: query(pageQuery),
        response: answers({ 200: pageOf(HostImageUsage) }),
      },
    },
    (request) => {
      const keyOf = ({ hostName, hostId }: HostImageUsage) => `${hostName}/${hostId}`;
      return pageOfItems(platform.images.usage(), keyOf, request.query);
    },
  );
};
