import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { exitCodes } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Problem } from '../../../protocol/schemas/common.ts';
import type { Container } from '../../../protocol/schemas/host.ts';
import type { ShellTicket } from '../../../protocol/schemas/shell.ts';
import { ShellLink } from '../../../protocol/shell-link.ts';
import { TypedInput } from '../../../protocol/typed-input.ts';
import { type Api, route } from '../client/api.ts';
import { ApiFailure, CliFailure, usage } from '../failure.ts';
import { parseApp } from '../parse/values.ts';
import type { Perform } from '../perform.ts';
import type { Session } from '../session.ts';

interface ExecFlags {
  readonly interactive?: boolean;
  readonly tty?: boolean;
  readonly user?: string;
}

/** Tries to come back to a session whose connection broke. */
const TRIES_MAX = 30;
const PAUSE_MS = 500;
/** One message of input. */
const INPUT_BYTES = 16 * 1024;

export function addExec(program: Command, perform: Perform): void {
  perform(
    program
      .command('exec')
      .description('run a command in a container; its exit code is that of the command')
      .argument('<app-or-container>', 'GROUP/APP, GROUP/APP/REPLICA, or a container by id, unique prefix or name')
      .argument('[command...]', 'what to run, with its own flags; else a shell')
      .option('-i, --interactive', 'pass on standard input')
      .option('-t, --tty', 'with a terminal')
      .option('-u, --user <user>', 'as this user, or uid, or uid:gid'),
    exec,
  );
}

async function exec(session: Session, flags: ExecFlags, args: readonly string[]): Promise<void> {
  const [target = '', ...command] = args;
  const { out, in: input } = session.outside;
  const tty = flags.tty === true;
  if (tty && flags.interactive === true && input.isTTY !== true) {
    throw usage('-t needs a terminal, and standard input is none: leave -t out');
  }
  const api = await session.api();
  const path = route`/v1/containers/${await containerOf(api, target)}/shells`;
  const request = {
    tty,
    ...(command.length === 0 ? {} : { command }),
    ...(flags.user === undefined ? {} : { user: flags.user }),
    ...(tty ? { cols: out.columns(), rows: out.rows() } : {}),
  };
  const ticket = (await api.send('POST', path, request)).body as ShellTicket;
  // A terminal shows it as its first line.
  if (ticket.isRecorded === true && !tty) session.say('this shell is recorded');
  session.exitCode = await new Terminal(session, api, path, flags).run(ticket);
}

/** The container that is meant; of an app, the running one of the lowest replica. */
async function containerOf(api: Api, target: string): Promise<string> {
  const parts = target.split('/');
  if (parts.length === 1) return target;
  const { group, app } = parseApp(parts.slice(0, 2).join('/'));
  const replica = parts.length > 2 ? parts.slice(2).join('/') : undefined;
  const found = (await api.list<Container>('/v1/containers', { group, app }))
    .filter((container) => replica === undefined || String(container.replica) === replica)
    .filter(({ phase, hostStatus }) => phase === 'running' && hostStatus !== 'dead')
    .sort((a, b) => a.replica - b.replica);
  const [first] = found;
  if (first !== undefined) return first.id;
  throw new CliFailure(exitCodes.notFound, `no container of ${target} runs`, {
    next: `shoal ps --app ${group}/${app}`,
  });
}

/** This terminal (or these pipes) and the session at the other end, across broken connections. */
class Terminal {
  readonly #session: Session;
  readonly #api: Api;
  readonly #path: string;
  readonly #flags: ExecFlags;
  readonly #typed = new TypedInput();
  /** Tells the session that it is the same client which comes back. */
  readonly #client = randomUUID();
  #link: ShellLink | undefined;
  /** The session has said how much input arrived: more may be sent. */
  #isReady = false;

  constructor(session: Session, api: Api, path: string, flags: ExecFlags) {
    this.#session = session;
    this.#api = api;
    this.#path = path;
    this.#flags = flags;
  }

  /** @returns the exit code of the process */
  async run(first: ShellTicket): Promise<number> {
    let ticket = first;
    let offset = 0;
    let stopInput = () => {};
    try {
      for (let tries = 0; tries < TRIES_MAX; tries++) {
        const link = this.#connect(ticket, offset);
        await link.opened();
        if (tries === 0) stopInput = this.#passInput();
        this.#resize();
        const end = await link.ended;
        if (end.type === 'exit') return end.code;
        if (end.type === 'problem') throw new ApiFailure(JSON.parse(end.text) as Problem);
        if (link.offset > offset) tries = 1;
        offset = link.offset;
        await sleep(PAUSE_MS, undefined, { signal: this.#session.signal });
        ticket = await this.#anotherTicket(first.sessionId);
      }
    } finally {
      stopInput();
      this.#link?.close();
    }
    throw new CliFailure(exitCodes.unreachable, 'the connection to the container broke', { next: 'shoal status' });
  }

  #connect(ticket: ShellTicket, offset: number): ShellLink {
    const { out, err, in: input } = this.#session.outside;
    this.#isReady = false;
    const query = `&offset=${offset}&client=${this.#client}`;
    const link = new ShellLink(this.#api.socketUrl(ticket.url + query), offset, {
      output: async (bytes, isError) => {
        const screen = isError ? err : out;
        screen.write(bytes);
        await screen.hasRoom?.();
      },
      room: () => {
        if (this.#flags.interactive === true && this.#hasRoom) input.resume();
      },
      arrived: (arrived) => {
        this.#typed.arrived(arrived);
        if (this.#isReady) return;
        this.#isReady = true;
        for (const bytes of this.#typed.rest) this.#send(bytes);
        if (this.#typed.isEnded) this.#link?.send({ type: 'inputEnd' });
      },
    });
    this.#link = link;
    return link;
  }

  async #anotherTicket(sessionId: string): Promise<ShellTicket> {
    return (await this.#api.send('POST', `${this.#path}/${sessionId}/tickets`, {})).body as ShellTicket;
  }

  get #hasRoom(): boolean {
    return this.#typed.heldBytes < limits.shellInputBytes / 2 && this.#link?.hasRoom !== false;
  }

  #send(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += INPUT_BYTES) {
      this.#link?.send({ type: 'input', bytes: bytes.subarray(at, at + INPUT_BYTES) });
    }
  }

  #resize(): void {
    const { out } = this.#session.outside;
    if (this.#flags.tty === true) this.#link?.send({ type: 'resize', cols: out.columns(), rows: out.rows() });
  }

  /** Returns what gives the terminal back. */
  #passInput(): () => void {
    const { in: input, onResize } = this.#session.outside;
    const { interactive = false, tty = false } = this.#flags;
    const stopResizing = onResize?.(() => this.#resize()) ?? (() => {});
    const onEnd = () => {
      this.#typed.isEnded = true;
      if (this.#isReady) this.#link?.send({ type: 'inputEnd' });
    };
    if (!interactive) {
      if (!tty) onEnd();
      return stopResizing;
    }
    const onData = (chunk: Buffer | string) => {
      const bytes = Buffer.from(chunk);
      this.#typed.add(bytes);
      if (this.#isReady) this.#send(bytes);
      if (!this.#hasRoom) input.pause();
    };
    if (tty) input.setRawMode?.(true);
    input.on('data', onData).on('end', onEnd);
    return () => {
      stopResizing();
      input.removeListener('data', onData).removeListener('end', onEnd);
      if (tty) input.setRawMode?.(false);
      input.pause();
    };
  }
}
