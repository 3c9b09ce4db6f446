import { readdir, readFile } from 'node:fs/promises';
import type Docker from 'dockerode';

/** A process that is hung up has this long to end by itself. */
const HANG_UP_LOOKS = 40;
const LOOK_MS = 50;

/**
 * Ends a process that the engine runs in a container: closing its connection would leave it running for ever, and the engine has no
 * call for it. An agent that can't see the engine's processes can't either: such a process ends with its container.
 */
export async function endExec(docker: Docker, exec: Docker.Exec): Promise<void> {
  const found = await exec.inspect();
  if (!found.Running || found.Pid <= 0) return;
  const pid = await pidOf(found);
  if (pid === undefined) return;
  await send(docker, found, pid, 'HUP');
  for (let look = 0; look < HANG_UP_LOOKS; look++) {
    if (!(await exec.inspect()).Running) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  // Looked up again: the number may be another process' by now.
  if ((await pidOf(found)) === pid) await send(docker, found, pid, 'KILL');
}

/** The process as this agent numbers it: an engine may live in a PID namespace of its own, where the same number is another process'. */
async function pidOf({ Pid, ContainerID }: Docker.ExecInspectInfo): Promise<number | undefined> {
  if (await isIn(Pid, ContainerID)) return Pid;
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    if ((await namespacePids(Number(name))).includes(Pid) && (await isIn(Number(name), ContainerID)))
      return Number(name);
  }
  return undefined;
}

/** Its cgroup names the container. */
const isIn = async (pid: number, containerId: string): Promise<boolean> =>
  (await readFile(`/proc/${pid}/cgroup`, 'latin1').catch(() => '')).includes(containerId);

/** Its numbers, from our namespace inwards to the container's. */
async function namespacePids(pid: number): Promise<readonly number[]> {
  const status = await readFile(`/proc/${pid}/status`, 'latin1').catch(() => '');
  return (/^NSpid:(.*)$/m.exec(status)?.[1] ?? '').trim().split(/\s+/).map(Number);
}

async function send(
  docker: Docker,
  { ContainerID, ProcessConfig }: Docker.ExecInspectInfo,
  pid: number,
  signal: 'HUP' | 'KILL',
): Promise<void> {
  try {
    process.kill(pid, `SIG${signal}`);
  } catch {
    // An agent without the right to signal other users' processes has the container's own `kill` do it.
    const pids = await namespacePids(pid);
    if (pids.length < 2) return;
    const { user } = ProcessConfig;
    const exec = await docker.getContainer(ContainerID).exec({
      Cmd: ['kill', `-${signal}`, String(pids.at(-1))],
      ...(user ? { User: user } : {}),
    });
    await exec.start({ Detach: true });
  }
}
