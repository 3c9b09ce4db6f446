import { randomUUID } from 'node:crypto';
import swagger from '@fastify/swagger';
import websocket from '@fastify/websocket';
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { ShoalError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { Log } from '../ports/log.ts';
import type { Platform } from '../services/platform.ts';
import { registerAuth } from './auth.ts';
import { onClientError } from './client-errors.ts';
import { EventStreams } from './event-stream.ts';
import { openApiOptions } from './openapi.ts';
import { errorHandler, sendProblem } from './problems.ts';
import { appRoutes } from './routes/apps.ts';
import { capacityRoutes } from './routes/capacity.ts';
import { changeRoutes } from './routes/changes.ts';
import { clusterRoutes } from './routes/clusters.ts';
import { type ConsoleFiles, consoleRoutes } from './routes/console.ts';
import { containerRoutes } from './routes/containers.ts';
import type { Routes } from './routes/context.ts';
import { credentialRoutes } from './routes/credentials.ts';
import { deploymentRoutes } from './routes/deployments.ts';
import { drainRoutes } from './routes/drains.ts';
import { eventRoutes } from './routes/events.ts';
import { fileRoutes } from './routes/files.ts';
import { groupRoutes } from './routes/groups.ts';
import { hostRoutes } from './routes/hosts.ts';
import { imageSettingsRoutes } from './routes/image-settings.ts';
import { imageWorkRoutes } from './routes/image-work.ts';
import { imageRoutes } from './routes/images.ts';
import { logForwardRoutes } from './routes/log-forwards.ts';
import { logRoutes } from './routes/logs.ts';
import { memberRoutes } from './routes/members.ts';
import { meshRoutes } from './routes/mesh.ts';
import { namespaceRoutes } from './routes/namespaces.ts';
import { operationRoutes } from './routes/operations.ts';
import { recordingRoutes } from './routes/recordings.ts';
import { repositoryRoutes } from './routes/repositories.ts';
import { rolloutRoutes } from './routes/rollouts.ts';
import { shellRoutes } from './routes/shells.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { transferRoutes } from './routes/transfers.ts';
import { upstreamRoutes } from './routes/upstreams.ts';
import { usageRoutes } from './routes/usage.ts';
import { versionRoutes } from './routes/versions.ts';
import { namedSchemas } from './schemas.ts';
import { MESSAGE_BYTES_MAX } from './shell-socket.ts';
import type { Api, SchemaTypes } from './typed.ts';

/** The nouns in the order of the OpenAPI document. */
const nouns: readonly Routes[] = [
  meshRoutes,
  changeRoutes,
  groupRoutes,
  appRoutes,
  versionRoutes,
  fileRoutes,
  deploymentRoutes,
  containerRoutes,
  logRoutes,
  logForwardRoutes,
  shellRoutes,
  recordingRoutes,
  usageRoutes,
  operationRoutes,
  clusterRoutes,
  hostRoutes,
  capacityRoutes,
  drainRoutes,
  rolloutRoutes,
  memberRoutes,
  tokenRoutes,
  credentialRoutes,
  eventRoutes,
  repositoryRoutes,
  imageRoutes,
  imageWorkRoutes,
  transferRoutes,
  imageSettingsRoutes,
  namespaceRoutes,
  upstreamRoutes,
];

/** A client that sends its request more slowly than this is cut off. Milliseconds. */
const REQUEST_MS = 30_000;
/** How often slow clients are looked for. Milliseconds. */
const LOOK_MS = 5_000;

export interface ApiOptions {
  readonly platform: Platform;
  readonly log: Log;
  /** The built console; absent: the API alone. */
  readonly console?: ConsoleFiles;
}

/** The HTTP API of one member: `listen()` on it, or `inject()` requests into it; `close()` ends streams and connections. */
export async function createApi({ platform, log, console = new Map() }: ApiOptions): Promise<Api> {
  const app = newServer(log);
  const streams = new EventStreams(platform);
  app.addHook('preClose', async () => streams.close());
  app.addHook('onRequest', async (request, reply) => {
    markAnswer(platform, reply);
    checkUrl(request);
  });
  await app.register(websocket, { options: { maxPayload: MESSAGE_BYTES_MAX } });
  await registerAuth(app, platform);
  app.addHook('preValidation', async (request) => readLoosely(request));
  for (const schema of namedSchemas) app.addSchema(schema);
  await app.register(swagger, openApiOptions);
  for (const routes of nouns) routes(app, { platform, streams });
  consoleRoutes(app, console);
  app.setNotFoundHandler((request, reply) =>
    sendProblem(
      reply,
      new ShoalError('not-found', `There is no ${request.method} at this path; /v1/openapi.json lists all.`),
    ),
  );
  await app.ready();
  return app;
}

function newServer(log: Log): Api {
  const app: Api = Fastify({
    logger: false,
    bodyLimit: limits.apiBodyBytes,
    requestTimeout: REQUEST_MS,
    http: { connectionsCheckingInterval: LOOK_MS },
    clientErrorHandler: onClientError,
    genReqId: () => `req_${randomUUID()}`,
    routerOptions: { maxParamLength: 256 },
    frameworkErrors: (error, request, reply) => {
      errorHandler(log)(error, request, reply);
    },
    // Coercion would turn "3" into 3 and null into "" in bodies too. Faults come one at a time: collecting all of them would
    // let one hostile megabyte grow into a million of them.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, allErrors: false, useDefaults: true } },
  }).withTypeProvider<SchemaTypes>();
  app.server.maxConnections = limits.apiConnections;
  app.setErrorHandler(errorHandler(log));
  // Schemas of answers document; what a newer member added is passed on, not dropped.
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
  acceptOnlyJson(app);
  app.addHook('onResponse', async (request, reply) => {
    const { operationId } = request.routeOptions.schema ?? {};
    const tookMs = Math.round(reply.elapsedTime);
    log.debug({ operationId, status: reply.statusCode, tookMs, requestId: request.id }, 'answered an API request');
  });
  return app;
}

/** Clients that always send a content type may leave the body empty where none is needed. */
function acceptOnlyJson(app: Api): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    if (text === '') done(null, undefined);
    else parse(request, text.toString(), done);
  });
}

/** Says on every answer whose view of the mesh it is: the member, and how many of how many members it sees alive. */
function markAnswer(platform: Platform, reply: FastifyReply): void {
  const { alive, members } = platform.view();
  reply.header('x-shoal-host', platform.hostName).header('x-shoal-view', `${alive}/${members}`);
}

function checkUrl(request: FastifyRequest): void {
  if (request.url.length > limits.apiUrlBytes) {
    throw new ShoalError('too-large', `The URL is longer than ${limits.apiUrlBytes} characters.`);
  }
}

/** What schemas can't say: whole numbers in queries are text on the wire, and a missing body is an empty one. */
function readLoosely(request: FastifyRequest): void {
  const query = request.query as Record<string, unknown>;
  const { properties = {} } = (request.routeOptions.schema?.querystring ?? {}) as { properties?: Properties };
  for (const [name, value] of Object.entries(query)) {
    const isNumber = Object.hasOwn(properties, name) && properties[name]?.type === 'integer';
    if (isNumber && /^\d{1,15}$/.test(String(value))) query[name] = Number(value);
  }
  if (request.method !== 'GET') request.body ??= {};
}

type Properties = Readonly<Record<string, { readonly type?: string }>>;
