import Type from 'typebox';
import { HostIdSchema, Name } from '../../../protocol/schemas/common.ts';
import { Recording, ShellSettings } from '../../../protocol/schemas/recording.ts';
import { ShellSettingsChange } from '../../../protocol/schemas/requests.ts';
import { ShellIdSchema } from '../../../protocol/schemas/shell.ts';
import { actorOf, run } from '../command.ts';
import { pageOfItems } from '../pages.ts';
import { answers, pageOf, pageQuery, query, ref } from '../schemas.ts';
import type { Routes } from './context.ts';

const params = Type.Object({ recording: ShellIdSchema });
const tags = ['shells'];
const missing = Type.Array(
  Type.Object({ hostId: HostIdSchema, hostName: Name, code: Type.String({ maxLength: 64 }) }),
  { description: 'hosts that did not answer: their recordings are not in the list' },
);

export const recordingRoutes: Routes = (app, { platform, streams }) => {
  app.get(
    '/v1/recordings',
    {
      schema: {
        operationId: 'listRecordings',
        description: 'What people saw in shells, oldest first. Each host keeps those of its containers, within bounds.',
        tags,
        querystring: query({
          ...pageQuery,
          id: Type.Optional(ShellIdSchema),
          group: Type.Optional(Name),
          app: Type.Optional(Name),
          container: Type.Optional(Type.String({ maxLength: 200, description: 'id or name' })),
          host: Type.Optional(Type.String({ maxLength: 128, description: 'id or name' })),
        }),
        response: answers({ 200: Type.Object({ ...pageOf(Recording).properties, missing }) }),
      },
    },
    async (request) => {
      const { id, group, app: name, container, host } = request.query;
      const found = await platform.recordings.list(actorOf(request));
      const items = found.items.filter(
        (recording) =>
          (id === undefined || recording.id === id) &&
          (group === undefined || recording.group === group) &&
          (name === undefined || recording.app === name) &&
          (container === undefined || recording.containerId === container || recording.container === container) &&
          (host === undefined || recording.hostId === host || recording.hostName === host),
      );
      return { ...pageOfItems(items, (recording) => recording.id, request.query), missing: found.missing };
    },
  );

  app.get(
    '/v1/recordings/:recording',
    {
      schema: {
        operationId: 'readRecording',
        description: 'The recording itself: asciicast v2, one JSON value a line.',
        tags,
        params,
        response: answers({
          200: {
            description: 'The recording',
            content: { 'application/x-asciicast': { schema: Type.String() } },
          },
        }),
      },
    },
    async (request, reply) => {
      const gone = new AbortController();
      const chunks = await platform.recordings.read(request.params.recording, actorOf(request), gone.signal);
      return streams.answerText(reply, 'application/x-asciicast', (signal) => {
        signal.addEventListener('abort', () => gone.abort(), { once: true });
        return asText(chunks);
      });
    },
  );

  app.delete(
    '/v1/recordings/:recording',
    {
      schema: {
        operationId: 'deleteRecording',
        description: 'Refused while the shell is open. Who deleted it is in the timeline.',
        tags,
        params,
        response: answers({ 204: Type.Null() }),
      },
    },
    async (request, reply) => {
      await platform.recordings.remove(request.params.recording, actorOf(request));
      return reply.code(204).send();
    },
  );

  app.get(
    '/v1/shell-settings',
    { schema: { operationId: 'getShellSettings', tags, response: answers({ 200: ref(ShellSettings) }) } },
    () => platform.shellSettings(),
  );

  app.patch(
    '/v1/shell-settings',
    {
      schema: {
        operationId: 'changeShellSettings',
        description:
          'Whether shells are recorded where their group says nothing else. Holds for those opened from then on.',
        tags,
        body: ref(ShellSettingsChange),
        response: answers({ 200: ref(ShellSettings) }),
      },
    },
    async (request, reply) => (await run(platform, request, reply, { kind: 'shells.set', ...request.body })).body,
  );
};

/** Characters are whole at each end. */
async function* asText(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}
