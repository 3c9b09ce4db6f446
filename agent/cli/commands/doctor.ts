import { existsSync, statSync } from 'node:fs';
import type { Command } from 'commander';
import { exitCodes } from '../../../protocol/errors.ts';
import type { Host } from '../../../protocol/schemas/host.ts';
import type { Api } from '../client/api.ts';
import { CliFailure } from '../failure.ts';
import type { Perform } from '../perform.ts';
import type { Session } from '../session.ts';
import { printableLine } from '../view/format.ts';

/** One thing looked at. */
interface Finding {
  readonly ok: boolean;
  readonly what: string;
  readonly next?: string;
}

export function addDoctor(program: Command, perform: Perform): void {
  perform(program.command('doctor').description('look for what is wrong between this client and the mesh'), runDoctor);
}

async function runDoctor(session: Session): Promise<void> {
  const api = await session.api();
  const findings = [...localFindings(api), ...(await memberFindings(api)), ...(await meshFindings(api))];
  if (session.options.json === true) session.json(findings);
  else {
    for (const { ok, what, next } of findings) {
      session.print(`${ok ? session.paint('good', 'ok  ') : session.paint('bad', 'BAD ')} ${printableLine(what)}`);
      if (!ok && next !== undefined) session.print(`     next: ${next}`);
    }
  }
  const bad = findings.filter((finding) => !finding.ok).length;
  if (bad > 0) throw new CliFailure(exitCodes.failed, `${bad} of ${findings.length} checks found something`);
}

function localFindings(api: Api): Finding[] {
  const socket = '/var/run/docker.sock';
  const hasSocket = existsSync(socket) && statSync(socket).isSocket();
  return [
    { ok: true, what: `mesh: ${api.target.urls.map((url) => url.origin).join(', ')} (${api.target.source})` },
    {
      ok: api.target.token !== undefined,
      what: api.target.token === undefined ? 'no token' : 'token found',
      next: 'shoal context add NAME --api URL --token-file FILE',
    },
    {
      ok: true,
      what: hasSocket
        ? 'this machine has a Docker engine socket'
        : 'this machine has no Docker engine (a client needs none)',
    },
  ];
}

async function memberFindings(api: Api): Promise<Finding[]> {
  return Promise.all(
    api.target.urls.map(async (url): Promise<Finding> => {
      const next = `look at the agent there: systemctl status shoal`;
      try {
        const { status, text } = await api.probe(url, '/readyz');
        return {
          ok: status === 200,
          what: `${url.origin} is ${status === 200 ? 'ready' : `not ready: ${text.slice(0, 200)}`}`,
          next,
        };
      } catch (error) {
        return {
          ok: false,
          what: `${url.origin} does not answer: ${error instanceof Error ? error.message : ''}`,
          next,
        };
      }
    }),
  );
}

async function meshFindings(api: Api): Promise<Finding[]> {
  try {
    const hosts = await api.list<Host>('/v1/hosts');
    return hosts.map((host) => ({
      ok: host.status === 'alive' && host.engine.state === 'ready',
      what: `host ${host.name}: ${host.status}, engine ${host.engine.state}`,
      next: `shoal host show ${host.name}`,
    }));
  } catch (error) {
    if (!(error instanceof CliFailure)) throw error;
    return [
      {
        ok: false,
        what: `the mesh does not answer: ${error.message}`,
        ...(error.next === '' ? {} : { next: error.next }),
      },
    ];
  }
}
