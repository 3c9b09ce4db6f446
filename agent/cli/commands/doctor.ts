import { existsSync, statSync } from 'node:fs';
import type { Command } from 'commander';
import { exitCodes } from '../../../protocol/errors.ts';
import type { Host } from '../../../protocol/schemas/host.ts';
import type { Api } from '../client/api.ts';
import { configureEngine, readIfThere } from '../engine/configure.ts';
import { askEngine } from '../engine/engine-socket.ts';
import { type MeshRegistry, pullPathOf } from '../engine/pull-path.ts';
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
  const doctor = program.command('doctor').description('look for what is wrong between this client and the mesh');
  doctor.option(
    '--configure-engine',
    "let plain docker pulls of this machine's engine come through the mesh (as root)",
  );
  perform(doctor, runDoctor);
}

async function runDoctor(session: Session, flags: { readonly configureEngine?: boolean }): Promise<void> {
  const api = await session.api();
  const findings = [
    ...localFindings(api),
    ...(await engineFindings(session, flags.configureEngine === true)),
    ...(await memberFindings(api)),
    ...(await meshFindings(api)),
  ];
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
  return [
    { ok: true, what: `mesh: ${api.target.urls.map((url) => url.origin).join(', ')} (${api.target.source})` },
    {
      ok: api.target.token !== undefined,
      what: api.target.token === undefined ? 'no token' : 'token found',
      next: 'shoal context add NAME --api URL --token-file FILE',
    },
  ];
}

/** The engine beside this client, if there is one, and how what it pulls gets to the mesh. */
async function engineFindings({ outside: { env } }: Session, isToConfigure: boolean): Promise<Finding[]> {
  const socket = env.DOCKER_HOST?.replace(/^unix:\/\//, '') ?? env.SHOAL_DOCKER_SOCKET ?? '/var/run/docker.sock';
  if (!existsSync(socket) || !statSync(socket).isSocket()) {
    if (isToConfigure) throw new CliFailure(exitCodes.notFound, `this machine has no Docker engine at ${socket}`);
    return [{ ok: true, what: 'this machine has no Docker engine (a client needs none)' }];
  }
  const mesh: MeshRegistry = {
    registry: `http://${env.SHOAL_REGISTRY_LISTEN ?? '127.0.0.1:5000'}`,
    mirror: `http://${env.SHOAL_MIRROR_LISTEN ?? '127.0.0.1:5001'}`,
  };
  try {
    const engine = await askEngine(socket);
    const path = pullPathOf(engine, mesh, readIfThere);
    const who = `this machine has Docker ${engine.version} with ${engine.hasContainerdStore ? "containerd's image store" : 'a graph driver'}`;
    const whose = path.kind === 'hosts-toml' ? 'images of every registry' : 'images of Docker Hub';
    const way = `${who}: ${whose} come through the mesh by ${path.file}`;
    if (path.isConfigured) return [{ ok: true, what: way }];
    if (!isToConfigure) {
      const next = 'to have plain docker pulls use the mesh too: shoal doctor --configure-engine';
      return [
        { ok: true, what: `${who}; deploys come through the mesh, plain docker pulls of other names do not. ${next}` },
      ];
    }
    const next = configureEngine(path, mesh);
    return [{ ok: next === '', what: `${way}; written now`, next }];
  } catch (error) {
    if (error instanceof CliFailure) throw error;
    const why = error instanceof Error ? error.message : String(error);
    return [
      { ok: false, what: `the Docker engine at ${socket} does not answer: ${why}`, next: 'systemctl status docker' },
    ];
  }
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
