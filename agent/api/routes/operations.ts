import Type from 'typebox';
import type { Command } from '../../../protocol/schemas/commands.ts';
import { Name, OperationIdSchema } from '../../../protocol/schemas/common.ts';
import {
  AppOperation,
  Decision,
  ImageOperation,
  isAppOperation,
  isImageOperation,
  isMoveOperation,
  MoveOperation,
  Operation,
  OperationState,
} from '../../../protocol/schemas/operation.ts';
import { NoRequest } from '../../../protocol/schemas/requests.ts';
import { noSuch, runOperation } from '../command.ts';
import type { EventStream } from '../event-stream.ts';
import { pageOfItems } from '../pages.ts';
import { answers, eventStream, pageOf, pageQuery, query, ref } from '../schemas.ts';
import type { RouteContext, Routes } from './context.ts';

const params = Type.Object({ operation: OperationIdSchema });
const tags = ['operations'];

export const operationRoutes: Routes = (app, context) => {
  const { platform, streams } = context;

  app.get(
    '/v1/operations',
    {
      schema: {
        operationId: 'listOperations',
        description: 'Newest first. With a group or an app, none on images.',
        tags,
        querystring: query({
          ...pageQuery,
          group: Type.Optional(Name),
          app: Type.Optional(Name),
          state: Type.Optional(OperationState),
          kind: Type.Optional(
            Type.Union([AppOperation.properties.kind, ImageOperation.properties.kind, MoveOperation.properties.kind]),
          ),
        }),
        response: answers({ 200: pageOf(Operation) }),
      },
    },
    (request) => {
      const { limit: _limit, cursor: _cursor, state, kind, ...filter } = request.query;
      const found = platform
        .operations(filter)
        .filter((operation) => state === undefined || operation.state === state)
        .filter((operation) => kind === undefined || operation.kind === kind);
      return pageOfItems(found, ({ id }) => id, request.query, 'descending');
    },
  );

  app.get(
    '/v1/operations/:operation',
    { schema: { operationId: 'getOperation', tags, params, response: answers({ 200: ref(Operation) }) } },
    (request) => find(context, request.params.operation),
  );

  app.get(
    '/v1/operations/:operation/decisions',
    {
      schema: {
        operationId: 'listDecisions',
        description: 'Why here and why not there: the offers, refusals and awards of each auction.',
        tags,
        params,
        response: answers({ 200: pageOf(Decision) }),
      },
    },
    (request) => {
      const operation = find(context, request.params.operation);
      return { items: isAppOperation(operation) ? operation.decisions : [] };
    },
  );

  app.get(
    '/v1/operations/:operation/events',
    {
      schema: {
        operationId: 'watchOperation',
        description:
          'Server-sent events: `operation` with the whole operation now and at each change, and `end` when it has finished.',
        tags,
        params,
        response: answers({ 200: eventStream }),
      },
    },
    (request, reply) => {
      const { id } = find(context, request.params.operation);
      return streams.answer(reply, (stream) => follow(context, id, stream));
    },
  );

  app.post(
    '/v1/operations/:operation/cancel',
    {
      schema: {
        operationId: 'cancelOperation',
        description:
          'What was deployed before is restored. Hosts stop their part of an operation on images; what was moved stays there.',
        tags,
        params,
        body: ref(NoRequest),
        response: answers({ 202: ref(Operation) }),
      },
    },
    (request, reply) => {
      const operation = find(context, request.params.operation);
      return runOperation(platform, request, reply, cancellationOf(operation));
    },
  );
};

function cancellationOf(operation: Operation): Command {
  const { id: operationId } = operation;
  if (isImageOperation(operation)) return { kind: 'image-operation.cancel', operationId };
  if (isMoveOperation(operation)) {
    const { hostId } = operation;
    return hostId === undefined
      ? { kind: 'rebalance.cancel', operationId }
      : { kind: 'drain.cancel', hostId, operationId };
  }
  return { kind: 'operation.cancel', group: operation.group, app: operation.app, operationId };
}

function find({ platform }: RouteContext, id: string): Operation {
  const operation = platform.operation(id);
  if (operation === undefined) throw noSuch(`operation ${id}`);
  return operation;
}

/** Sends the operation whenever it looks different, until it has finished. Returns what ends the watch. */
function follow({ platform }: RouteContext, id: string, stream: EventStream): () => void {
  let sent = '';
  let sequence = 0;
  const sendIfChanged = (): void => {
    const operation = platform.operation(id);
    const now = JSON.stringify(operation);
    if (operation !== undefined && now !== sent) {
      stream.send({ id: String(++sequence), event: 'operation', data: operation });
      sent = now;
    }
    if (operation?.state === 'running') return;
    stream.send({ event: 'end', data: {} });
    stream.end();
  };
  const unwatch = platform.watch((topics) => {
    if (topics.has('operations') || topics.has('containers') || topics.has('hosts')) sendIfChanged();
  });
  sendIfChanged();
  return unwatch;
}
