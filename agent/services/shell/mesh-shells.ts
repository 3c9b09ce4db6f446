import type { Duplex } from 'node:stream';
import { ShoalError } from '../../../protocol/errors.ts';
import type { Container } from '../../../protocol/schemas/host.ts';
import type { ShellRequest, ShellSession, ShellTicket } from '../../../protocol/schemas/shell.ts';
import { may } from '../../core/access/access.ts';
import type { Actor, ShellAttach, ShellContext, ShellPlatform } from '../platform.ts';
import type { ShellCalls } from './shell-calls.ts';

/** Shells as the API sees them: finds the container's host, and asks whether the actor may. */
export class MeshShells implements ShellPlatform {
  readonly #calls: ShellCalls;
  readonly #find: (container: string) => Container | undefined;

  constructor(calls: ShellCalls, find: (container: string) => Container | undefined) {
    this.#calls = calls;
    this.#find = find;
  }

  async open(container: string, request: ShellRequest, { actor, signal }: ShellContext): Promise<ShellTicket> {
    const { id, hostId } = this.#get(container, actor);
    const session = await this.#calls.open(
      hostId,
      { ...request, containerId: id, actor: actor.id, revision: actor.revision },
      signal,
    );
    const ticket = await this.#calls.ticket(hostId, session.id, pathOf(id), actor);
    return session.isRecorded === true ? { ...ticket, isRecorded: true } : ticket;
  }

  async ticket(container: string, sessionId: string, actor: Actor): Promise<ShellTicket> {
    const { id, hostId } = this.#get(container, actor);
    return this.#calls.ticket(hostId, sessionId, pathOf(id), actor);
  }

  async list(container: string, actor: Actor): Promise<readonly ShellSession[]> {
    const { id, hostId } = this.#get(container, actor);
    return this.#calls.list(hostId, id);
  }

  async close(container: string, sessionId: string, actor: Actor): Promise<ShellSession> {
    return this.#calls.close(this.#get(container, actor).hostId, sessionId);
  }

  async attach(container: string, sessionId: string, attach: ShellAttach): Promise<Duplex> {
    return this.#calls.attach(this.#get(container).hostId, { sessionId, ...attach });
  }

  #get(idOrName: string, actor?: Actor): Container {
    const container = this.#find(idOrName);
    if (container === undefined) throw new ShoalError('not-found', `There is no container "${idOrName}".`);
    const { group, app, hostStatus, hostName } = container;
    const access = actor === undefined ? { ok: true as const } : may(actor, 'shell.open', { group, app });
    if (!access.ok) throw new ShoalError('forbidden', access.detail);
    if (hostStatus === 'dead' || hostStatus === 'left') {
      throw new ShoalError('host-unreachable', `Its host ${hostName} is ${hostStatus}.`);
    }
    return container;
  }
}

const pathOf = (containerId: string): string => `/v1/containers/${containerId}/shells`;
