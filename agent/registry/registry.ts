import type { IncomingMessage, ServerResponse } from 'node:http';
import { upstreamOf } from '../../protocol/image-reference.ts';
import { assertNever } from '../core/context.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { RegistryBackend } from '../services/images/registry-backend.ts';
import { serveBlob } from './blobs.ts';
import { serveCatalog } from './catalog.ts';
import { Exchange } from './exchange.ts';
import { type Binding, type ListenAddress, type Listener, openListener } from './listener.ts';
import { type Authenticate, Login } from './login.ts';
import { serveManifest } from './manifests.ts';
import type { Parts } from './parts.ts';
import { servePing } from './ping.ts';
import { serveReferrers } from './referrers.ts';
import { asRegistryError, notAllowed, RegistryError } from './registry-error.ts';
import { parseTarget, type Role, type Route, type Target } from './route.ts';
import { serveTags } from './tags.ts';
import { UploadSessions } from './upload-sessions.ts';
import { serveUpload, serveUploads } from './uploads.ts';

/** Requests under way at once, of all listeners: one connection may send many without waiting for answers. */
const EXCHANGES_MAX = 2_048;

export interface RegistryOptions {
  readonly backend: RegistryBackend;
  readonly store: BlobStore;
  readonly clock: Clock;
  readonly log: Log;
}

export interface ListenOptions {
  readonly address: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly role: Role;
  readonly tls?: Binding['tls'];
  /** Required of every request when it is given. */
  readonly authenticate?: Authenticate;
}

/** The OCI distribution API of one member. */
export interface Registry {
  /** @throws ShoalError conflict when the port is taken, invalid-request */
  listen(options: ListenOptions): Promise<ListenAddress>;
  addresses(): readonly ListenAddress[];
  /** Ends listeners, connections and what waits for them. */
  close(): Promise<void>;
}

/** Serves the mesh's images by the OCI distribution-spec 1.1, as many listeners as asked for. */
export function createRegistry({ backend, store, clock, log }: RegistryOptions): Registry {
  const parts: Parts = { backend, store, uploads: new UploadSessions(store) };
  const listeners: Listener[] = [];
  let underWay = 0;

  const handle = async (exchange: Exchange, role: Role, login: Login | undefined): Promise<void> => {
    let place: Route['kind'] = 'ping';
    underWay++;
    try {
      if (underWay > EXCHANGES_MAX) throw new RegistryError(503, 'UNKNOWN', 'Too many requests at once.');
      const access = await login?.check(exchange.request);
      const target = parseTarget(exchange.request.url ?? '', role);
      place = target.route.kind;
      if (access === 'pull') checkPull(exchange, target);
      if (role === 'hub-mirror' && !exchange.isRead) throw notAllowed('GET, HEAD');
      await serve(exchange, target, parts);
    } catch (error) {
      answerError(exchange, error, place, log);
    } finally {
      underWay--;
      log.debug({ place, method: exchange.request.method, status: exchange.status }, 'answered a registry request');
    }
  };

  return {
    async listen({ address, port, role, tls, authenticate }) {
      const login = authenticate && new Login(authenticate, clock);
      const onRequest = (request: IncomingMessage, response: ServerResponse): void =>
        void handle(new Exchange(request, response, clock), role, login);
      const listener = await openListener({ address, port, tls }, onRequest, log);
      listeners.push(listener);
      return listener.at;
    },
    addresses: () => listeners.map((listener) => listener.at),
    async close() {
      await Promise.all(listeners.splice(0).map((listener) => listener.close()));
    },
  };
}

/** A login that only pulls changes nothing, and makes the mesh ask no other registry, with the mesh's own login there. */
function checkPull(exchange: Exchange, { route }: Target): void {
  if (!exchange.isRead) throw new RegistryError(403, 'DENIED', 'This login may only pull.');
  if ('name' in route && upstreamOf(route.name.repository) !== undefined) {
    throw new RegistryError(403, 'DENIED', 'This login may only pull what was pushed to the mesh.');
  }
}

async function serve(exchange: Exchange, { route, query }: Target, parts: Parts): Promise<void> {
  switch (route.kind) {
    case 'ping':
      return servePing(exchange);
    case 'catalog':
      return await serveCatalog(exchange, query, parts);
    case 'tags':
      return await serveTags(exchange, route.name, query, parts);
    case 'manifest':
      return await serveManifest(exchange, route, parts);
    case 'blob':
      return await serveBlob(exchange, route, parts);
    case 'uploads':
      return await serveUploads(exchange, route.name, query, parts);
    case 'upload':
      return await serveUpload(exchange, route, query, parts);
    case 'referrers':
      return await serveReferrers(exchange, route, query, parts);
    default:
      return assertNever(route);
  }
}

function answerError(exchange: Exchange, thrown: unknown, place: Route['kind'], log: Log): void {
  const known = asRegistryError(thrown, place);
  // Whoever is gone needs no answer; what its leaving broke is no fault.
  if (known === undefined && exchange.isGone) {
    exchange.destroy();
    return;
  }
  if (known === undefined) log.error({ error: thrown, place }, 'a registry request failed unexpectedly');
  exchange.fail(known ?? new RegistryError(500, 'UNKNOWN', "Something went wrong; the agent's log has the details."));
}
