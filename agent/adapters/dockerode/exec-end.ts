import { readFile } from 'node:fs/promises';
import type Docker from 'dockerode';

/** A process that is hung up has this long to end by itself. */
const HANG_UP_LOOKS = 40;
const LOOK_MS = 50;

/**
 * Ends a process that the engine runs in a container: closing its connection would leave it running for ever, and the engine has no
 * call for it.
 */
export async function endExec(docker: Docker, exec: Docker.Exec): Promise<void> {
  const found = await exec.inspect();
  if (!found.Running || found.Pid <= 0) return;
  await send(docker, found, 'HUP');
  for (let look = 0; look < HANG_UP_LOOKS; look++) {
    if (!(await exec.inspect()).Running) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  await send(docker, found, 'KILL');
}

async function send(
  docker: Docker,
  { Pid, ContainerID, ProcessConfig }: Docker.ExecInspectInfo,
  signal: 'HUP' | 'KILL',
) {
  try {
    process.kill(Pid, `SIG${signal}`);
  } catch {
    // An agent without the right to signal other users' processes has the container's own `kill` do it.
    const status = await readFile(`/proc/${Pid}/status`, 'latin1');
    const inside = /^NSpid:.*\t(\d+)$/m.exec(status)?.[1];
    if (inside === undefined) return;
    const { user } = ProcessConfig;
    const exec = await docker.getContainer(ContainerID).exec({
      Cmd: ['kill', `-${signal}`, inside],
      ...(user ? { User: user } : {}),
    });
    await exec.start({ Detach: true });
  }
}
