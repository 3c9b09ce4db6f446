import { type Duplex, duplexPair } from 'node:stream';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import type { HostId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import { ContainerIdSchema } from '../../../protocol/schemas/common.ts';
import {
  ShellClient,
  ShellIdSchema,
  ShellRequest,
  ShellSession,
  type ShellTicket,
} from '../../../protocol/schemas/shell.ts';
import type { Transport } from '../../ports/transport.ts';
import type { Holder } from '../access/credentials.ts';
import { decodeJson, encodeJson } from '../catalog/record-body.ts';
import { Limiter } from '../host/limiter.ts';
import type { HostLoss } from '../view/host-loss.ts';
import type { OpenShell, Shells } from './shells.ts';

const OPEN_MS = 15_000;
const CALL_MS = 5_000;
/** Half of what one member may ask of another at once. */
const OPENING_MAX = limits.callsPerPeer / 2;
const CLOSING_MAX = limits.callsPerPeer / 4;
/** Twice what one host can have open at all. */
const WAITING_MAX = 2 * limits.shells;
const ATTACH = 'shell.attach';

const holder = {
  actor: Type.String({ maxLength: 128 }),
  /** Of the actor's credential. */
  revision: Type.Optional(Type.String({ maxLength: 128 })),
};
const Open = Type.Object({
  ...ShellRequest.properties,
  containerId: ContainerIdSchema,
  ...holder,
});
const Named = Type.Object({ sessionId: ShellIdSchema });
/** A member of an older build does not say whose it is. */
const TicketFor = Type.Object({ ...Named.properties, ...holder, actor: Type.Optional(holder.actor) });
const OfContainer = Type.Object({ containerId: ContainerIdSchema });
const Ticket = Type.Object({ ticket: Type.String({ maxLength: 64 }), expiresAtMs: Type.Number() });
const Attach = Type.Object({
  sessionId: ShellIdSchema,
  ticket: Type.String({ maxLength: 64 }),
  offset: Type.Integer({ minimum: 0 }),
  client: Type.Optional(ShellClient),
});
const shapes = {
  open: Compile(Open),
  named: Compile(Named),
  ticketFor: Compile(TicketFor),
  ofContainer: Compile(OfContainer),
  ticket: Compile(Ticket),
  attach: Compile(Attach),
  session: Compile(ShellSession),
  sessions: Compile(Type.Array(ShellSession, { maxItems: limits.shells })),
};

type Shape<T> = { Check(value: unknown): value is T };
const read = <T>(shape: Shape<T>, body: Uint8Array): T =>
  decodeJson<T>(body, (value) => shape.Check(value), 'shell message');

/** Reaches the shells of any host, this one's without a detour. */
export class ShellCalls {
  readonly #transport: Transport;
  readonly #own: Shells;
  readonly #losses: Pick<HostLoss, 'watch'>;
  readonly #opening = new Limiter(OPENING_MAX, WAITING_MAX);
  /** Apart: processes that take their time to end keep nobody from beginning one. */
  readonly #closing = new Limiter(CLOSING_MAX, WAITING_MAX);

  constructor(transport: Transport, own: Shells, losses: Pick<HostLoss, 'watch'>) {
    this.#transport = transport;
    this.#own = own;
    this.#losses = losses;
    serve(transport, own);
  }

  async open(hostId: HostId, request: OpenShell, signal: AbortSignal): Promise<ShellSession> {
    if (this.#isOwn(hostId)) return this.#own.open(request, signal);
    // A member serves so many calls at once for another; more would be refused, though there is room for their shells.
    const body = await this.#opening.run(() => this.#call(hostId, 'shell.open', request, OPEN_MS));
    return read(shapes.session, body);
  }

  /** The right to attach once; `path` is where containers' shells are. */
  async ticket(hostId: HostId, sessionId: string, path: string, { id: actor, revision }: Holder): Promise<ShellTicket> {
    const asked = { sessionId, actor, ...(revision === undefined ? {} : { revision }) };
    const { ticket, expiresAtMs } = this.#isOwn(hostId)
      ? issue(this.#own, asked)
      : read(shapes.ticket, await this.#opening.run(() => this.#call(hostId, 'shell.ticket', asked)));
    const url = `${path}/${sessionId}/stream?ticket=${ticket}`;
    return { sessionId, ticket, url, expiresAt: new Date(expiresAtMs).toISOString() };
  }

  async list(hostId: HostId, containerId: string): Promise<readonly ShellSession[]> {
    if (this.#isOwn(hostId)) return this.#own.list(containerId);
    return read(shapes.sessions, await this.#call(hostId, 'shell.list', { containerId }));
  }

  async close(hostId: HostId, sessionId: string): Promise<ShellSession> {
    if (this.#isOwn(hostId)) return this.#own.close(sessionId);
    const body = await this.#closing.run(() => this.#call(hostId, 'shell.close', { sessionId }));
    return read(shapes.session, body);
  }

  /**
   * A stream of frames from and to a session. It fails with `host-unreachable` as soon as its host is known to be lost.
   *
   * @throws ShoalError forbidden when the ticket is not good
   */
  async attach(hostId: HostId, request: Type.Static<typeof Attach>): Promise<Duplex> {
    if (!this.#isOwn(hostId)) {
      const stream = await this.#transport.openStream(hostId, ATTACH, encodeJson(request), { timeoutMs: CALL_MS });
      const unwatch = this.#losses.watch(hostId, (error) => stream.destroy(error));
      return stream.once('close', unwatch);
    }
    const begin = this.#own.redeem(request.sessionId, request.ticket);
    const [near, far] = duplexPair();
    near.once('close', () => far.destroy());
    far.once('close', () => near.readableEnded || setImmediate(() => near.push(null)));
    begin(far, request.offset, request.client);
    return near;
  }

  #isOwn(hostId: HostId): boolean {
    return hostId === this.#transport.hostId;
  }

  #call(to: HostId, method: string, body: unknown, timeoutMs = CALL_MS): Promise<Uint8Array> {
    return this.#transport.call(to, method, encodeJson(body), { timeoutMs });
  }
}

const issue = (own: Shells, { sessionId, actor = '', revision }: Type.Static<typeof TicketFor>) =>
  own.ticket(sessionId, { id: actor, ...(revision === undefined ? {} : { revision }) });

function serve(transport: Transport, own: Shells): void {
  transport.handle('shell.open', async (_from, body, signal) =>
    encodeJson(await own.open(read(shapes.open, body), signal)),
  );
  transport.handle('shell.ticket', async (_from, body) => encodeJson(issue(own, read(shapes.ticketFor, body))));
  transport.handle('shell.list', async (_from, body) =>
    encodeJson(own.list(read(shapes.ofContainer, body).containerId)),
  );
  transport.handle('shell.close', async (_from, body) =>
    encodeJson(await own.close(read(shapes.named, body).sessionId)),
  );
  transport.handleStream(ATTACH, async (_from, header) => {
    const { sessionId, ticket, offset, client } = read(shapes.attach, header);
    const attach = own.redeem(sessionId, ticket);
    return (stream) => attach(stream, offset, client);
  });
}
