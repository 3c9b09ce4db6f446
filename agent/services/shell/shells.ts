import type { Duplex } from 'node:stream';
import { ShoalError } from '../../../protocol/errors.ts';
import { type HostId, ulid } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import type { ContainerState } from '../../../protocol/schemas/host.ts';
import type { ShellRequest, ShellSession as ShellSessionView } from '../../../protocol/schemas/shell.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Engine } from '../../ports/engine.ts';
import type { Log } from '../../ports/log.ts';
import type { Holder } from '../access/credentials.ts';
import type { EventRecorder } from '../events/event-recorder.ts';
import type { Recordings } from '../recordings/recordings.ts';
import type { Leftovers } from './leftovers.ts';
import { ShellSession } from './shell-session.ts';
import { Tickets } from './tickets.ts';
import { whyEnded } from './why-ended.ts';

/** A session that nobody looks at is ended after this. Milliseconds. */
const DETACHED_MS = 10 * 60_000;
/** One in which nothing is typed or written, after this. Milliseconds. */
const IDLE_MS = 60 * 60_000;
/** An ended one still tells its last output and exit code so long. Milliseconds. */
const ENDED_MS = 60_000;
const LOOK_MS = 5_000;

/** What the first line of a recorded terminal says. */
const RECORDED = '[this shell is recorded]';

/** bash is what people mean by a shell; small images have sh only. */
const DEFAULT_COMMAND = ['/bin/sh', '-c', 'if command -v bash >/dev/null 2>&1; then exec bash; else exec sh; fi'];

export interface ShellsParts {
  readonly engine: Pick<Engine, 'exec' | 'inspect'>;
  readonly leftovers: Pick<Leftovers, 'note' | 'forget'>;
  readonly recordings: Pick<Recordings, 'begin'>;
  /** Whether shells into containers of a group are recorded. */
  readonly isRecorded: (group: string) => boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly hostId: HostId;
  readonly hostName: string;
  readonly find: (containerId: string) => ContainerState | undefined;
  /** Whether the token that stood for somebody is good no more. */
  readonly isRevoked: (holder: Holder) => boolean;
}

export interface OpenShell extends ShellRequest {
  readonly containerId: string;
  readonly actor: string;
  /** Of the actor's credential. */
  readonly revision?: string | undefined;
}

interface Entry {
  readonly session: ShellSession;
  readonly container: ContainerState;
  readonly request: OpenShell;
  readonly command: readonly string[];
  readonly openedAtMs: number;
  readonly isRecorded: boolean;
  /** Monotonic. */
  endedAtMs: number | undefined;
  /** All of it is over, and written down. */
  done: Promise<void>;
}

/** The shells into this host's containers. They live here, whichever member people are connected to, and end with this agent. */
export class Shells {
  readonly #parts: ShellsParts;
  readonly #entries = new Map<string, Entry>();
  readonly #tickets: Tickets;
  /** Connections, each with whom it is for. */
  readonly #viewers = new Map<Duplex, Holder>();
  #opening = 0;
  readonly #stopLooking: () => void;
  readonly #stopped = new AbortController();

  constructor(parts: ShellsParts) {
    this.#parts = parts;
    this.#tickets = new Tickets(parts.clock);
    this.#stopLooking = parts.clock.every(LOOK_MS, () => this.#look());
  }

  /** Starts a process in a container. @throws ShoalError not-found, conflict, rate-limited, engine-unavailable */
  async open(request: OpenShell, signal: AbortSignal): Promise<ShellSessionView> {
    const { find, hostName } = this.#parts;
    const container = find(request.containerId);
    if (container?.engineId === undefined) throw new ShoalError('not-found', `The container is not on ${hostName}.`);
    if (container.phase !== 'running') {
      throw new ShoalError('conflict', `${container.name} does not run: it is ${container.phase}.`);
    }
    if (this.#entries.size + this.#opening >= limits.shells) this.#forgetEnded();
    if (this.#entries.size + this.#opening >= limits.shells) {
      throw new ShoalError('rate-limited', `${hostName} has ${limits.shells} shells open already; close some.`);
    }
    this.#opening += 1;
    try {
      return await this.#start(container, container.engineId, request, signal);
    } finally {
      this.#opening -= 1;
    }
  }

  async #start(
    container: ContainerState,
    engineId: string,
    request: OpenShell,
    signal: AbortSignal,
  ): Promise<ShellSessionView> {
    const { engine, clock, recordings, leftovers } = this.#parts;
    const command = request.command ?? DEFAULT_COMMAND;
    const { user, tty = true, cols = 80, rows = 24 } = request;
    const id = `sh_${ulid(clock.nowMs(), () => clock.random())}` as const;
    const about = { id, container, command, tty, cols, rows, openedBy: request.actor };
    const isRecorded = this.#parts.isRecorded(container.group);
    // Before the process starts: what is to be recorded does not run unrecorded.
    const recorder = isRecorded ? await recordings.begin(user === undefined ? about : { ...about, user }) : undefined;
    const exec = await engine
      .exec(
        engineId,
        {
          ...{ command, tty, cols, rows, ...(user === undefined ? {} : { user }) },
          onCreated: (execId) => leftovers.note(execId),
        },
        signal,
      )
      .catch(async (error: unknown) => {
        await recorder?.discard();
        throw error;
      });
    const session = new ShellSession({
      exec,
      nowMs: () => clock.monotonicMs(),
      recorder,
      whyEnded: (code) => whyEnded(this.#parts, container, code, this.#stopped.signal),
    });
    if (isRecorded && tty) session.announce(`${RECORDED}\r\n`);
    const openedAtMs = clock.nowMs();
    const entry: Entry = {
      session,
      container,
      request,
      command,
      openedAtMs,
      isRecorded,
      endedAtMs: undefined,
      done: Promise.resolve(),
    };
    this.#entries.set(id, entry);
    const what = isRecorded ? 'opened a recorded shell' : 'opened a shell';
    // Without its arguments: people write passwords there, and everybody reads the timeline.
    this.#tell('shell.opened', entry, `${what} in ${container.name}: ${command[0]?.slice(0, 200)}`);
    entry.done = session.run().then(async (code) => {
      entry.endedAtMs = clock.monotonicMs();
      this.#tell('shell.closed', entry, `a shell in ${container.name} ended with exit code ${code}`);
      await Promise.all([recorder?.end(code), leftovers.forget(exec.id)]);
    });
    // Revoked while it was being opened.
    if (this.#parts.isRevoked(holderOf(request))) void session.close();
    return this.#view(id, entry);
  }

  /** A ticket for one attach. @throws ShoalError not-found */
  ticket(sessionId: string, holder: Holder): { readonly ticket: string; readonly expiresAtMs: number } {
    this.#get(sessionId);
    return this.#tickets.issue(sessionId, holder);
  }

  /**
   * Uses up a ticket.
   *
   * @returns what attaches a stream
   * @throws ShoalError forbidden
   */
  redeem(sessionId: string, ticket: string): (stream: Duplex, offset: number, client?: string) => void {
    const holder = this.#tickets.redeem(sessionId, ticket);
    if (this.#parts.isRevoked(holder)) throw new ShoalError('forbidden', 'The API token was revoked.');
    const { session } = this.#get(sessionId);
    return (stream, offset, client) => {
      this.#viewers.set(stream, holder);
      stream.once('close', () => this.#viewers.delete(stream));
      session.attach(stream, offset, client);
    };
  }

  list(containerId: string): readonly ShellSessionView[] {
    return [...this.#entries]
      .filter(([, { request }]) => request.containerId === containerId)
      .map(([id, entry]) => this.#view(id, entry));
  }

  /** Ends its process. @throws ShoalError not-found */
  async close(sessionId: string): Promise<ShellSessionView> {
    const entry = this.#get(sessionId);
    await entry.session.close();
    return this.#view(sessionId, entry);
  }

  /** Ends the processes and connections of everybody whose token was revoked. */
  endRevoked(): void {
    const { isRevoked } = this.#parts;
    for (const { session, request, endedAtMs } of this.#entries.values()) {
      if (endedAtMs === undefined && isRevoked(holderOf(request))) void session.close();
    }
    for (const [stream, holder] of this.#viewers) if (isRevoked(holder)) stream.destroy();
  }

  /** Their processes would run on without anybody who knows of them. */
  async stop(): Promise<void> {
    this.#stopLooking();
    this.#stopped.abort();
    const open = [...this.#entries.values()].filter(({ endedAtMs }) => endedAtMs === undefined);
    for (const { session } of open) session.dismiss();
    await Promise.all(open.map(({ session }) => session.close()));
    await Promise.all(open.map(({ done }) => done));
  }

  get count(): number {
    return this.#entries.size;
  }

  #get(sessionId: string): Entry {
    const entry = this.#entries.get(sessionId);
    if (entry !== undefined) return entry;
    throw new ShoalError('not-found', `There is no such shell on ${this.#parts.hostName} any more.`);
  }

  /** The one that ended first gives way to one that begins. */
  #forgetEnded(): void {
    let first: { readonly id: string; readonly endedAtMs: number } | undefined;
    for (const [id, { session, endedAtMs }] of this.#entries) {
      if (endedAtMs === undefined || session.viewers > 0) continue;
      if (first === undefined || endedAtMs < first.endedAtMs) first = { id, endedAtMs };
    }
    if (first !== undefined) this.#entries.delete(first.id);
  }

  #look(): void {
    const { clock } = this.#parts;
    const nowMs = clock.monotonicMs();
    this.#tickets.expire();
    for (const [id, { session, endedAtMs }] of this.#entries) {
      if (endedAtMs !== undefined) {
        if (nowMs - endedAtMs > ENDED_MS && session.viewers === 0) this.#entries.delete(id);
        if (nowMs - endedAtMs > 2 * ENDED_MS) {
          session.dismiss();
          this.#entries.delete(id);
        }
      } else if (nowMs - session.usedAtMs > (session.viewers === 0 ? DETACHED_MS : IDLE_MS)) void session.close();
    }
  }

  #view(id: string, { session, container, request, command, openedAtMs, isRecorded }: Entry): ShellSessionView {
    const { hostId, hostName } = this.#parts;
    const { exitCode } = session;
    return {
      id,
      containerId: container.id,
      container: container.name,
      hostId,
      hostName,
      command: [...command],
      ...(request.user === undefined ? {} : { user: request.user }),
      tty: request.tty ?? true,
      openedAt: new Date(openedAtMs).toISOString(),
      openedBy: request.actor,
      viewers: session.viewers,
      ...(isRecorded ? { isRecorded } : {}),
      state: exitCode === undefined ? 'open' : 'ended',
      ...(exitCode === undefined ? {} : { exitCode }),
    };
  }

  #tell(kind: string, { container, request }: Entry, message: string): void {
    const { group, app, id } = container;
    const { hostId, events } = this.#parts;
    events.record({ kind, message, group, app, container: id, host: hostId, actor: request.actor });
  }
}

const holderOf = ({ actor, revision }: OpenShell): Holder => ({
  id: actor,
  ...(revision === undefined ? {} : { revision }),
});
