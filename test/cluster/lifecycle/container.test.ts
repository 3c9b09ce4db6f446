import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Constraint } from '../../../protocol/schemas/common.ts';
import type { Container } from '../../../protocol/schemas/host.ts';
import type { Event } from '../../../protocol/schemas/model.ts';
import { containersOf, deleteApp, deployed, itemsOf, type Wish } from '../../framework/deploys.ts';
import { RealCluster, spawnInCluster } from '../../framework/real-cluster.ts';
import type { RealHost } from '../../framework/real-host.ts';
import { waitFor } from '../../framework/wait.ts';

const MiB = 1024 ** 2;
const onHost = (name: string): Constraint => ({ label: 'host', op: '==', values: [name] });

describe('a container', () => {
  let cluster: RealCluster;
  beforeAll(async () => {
    cluster = await RealCluster.up({ purpose: 'c', hosts: 3 });
    await cluster.host(1).api('PUT', '/v1/groups/team', { body: {} });
  });
  afterAll(() => cluster?.down());

  const hostOf = ({ hostName }: Container): RealHost => cluster.host(Number(hostName.slice(1)));
  const inspect = (container: Container) => hostOf(container).docker.getContainer(container.name).inspect();

  /** Deploys one replica and hands back its container. */
  async function one(name: string, spec: Wish['spec']): Promise<Container> {
    await deployed(cluster.host(1), name, { spec: { ...spec } });
    return until(name, 'ready', ({ ready }) => ready);
  }

  /** The app's only container, as h2 sees it. */
  async function now(name: string): Promise<Container> {
    return waitFor(`the container of ${name}`, async () => (await containersOf(cluster.host(2), name))[0]);
  }

  const until = (name: string, what: string, isSo: (container: Container) => boolean) =>
    waitFor(`${name} to be ${what}`, async () => {
      const container = await now(name);
      return isSo(container) && container;
    });

  /** What a page of a container says, asked from another host through the published port. */
  const page = (container: Container, host: RealHost, path: string) =>
    host.exec('curl', '-sf', '--max-time', '5', `http://${hostOf(container).ip}:${container.ports[0]?.host}${path}`);

  it('is made as its version says: command, environment, labels, limits, signal, health check', async () => {
    const container = await one('team/whole', {
      entrypoint: ['sh', '-c'],
      command: ['echo "$GREETING" >/tmp/greeting; exec serve'],
      env: { GREETING: 'good day = "1"', EMPTY: '' },
      labels: { 'org.example/team': 'red' },
      memoryBytes: 48 * MiB,
      cpuMilli: 250,
      stopSignal: 'SIGINT',
      stopGraceMs: 3_000,
      health: { command: ['grep', '-q', 'good day = "1"', '/tmp/greeting'], intervalMs: 300, timeoutMs: 2_000 },
    });
    expect(container).toMatchObject({ phase: 'running', health: 'healthy', ready: true, memoryBytes: 48 * MiB });
    const { Config, HostConfig, State } = await inspect(container);
    expect(Config).toMatchObject({
      Entrypoint: ['sh', '-c'],
      Cmd: ['echo "$GREETING" >/tmp/greeting; exec serve'],
      Env: expect.arrayContaining(['GREETING=good day = "1"', 'EMPTY=']),
      Labels: { 'org.example/team': 'red', 'shoal.group': 'team', 'shoal.app': 'whole', 'shoal.version': '1' },
      StopSignal: 'SIGINT',
      StopTimeout: 3,
      Healthcheck: { Test: ['CMD', 'grep', '-q', 'good day = "1"', '/tmp/greeting'], Interval: 300 * 1e6 },
    });
    expect(HostConfig).toMatchObject({
      Memory: 48 * MiB,
      MemorySwap: 48 * MiB,
      NanoCpus: 250 * 1e6,
      RestartPolicy: { Name: 'no' },
      Privileged: false,
    });
    expect(State).toMatchObject({ Running: true, Health: { Status: 'healthy' } });
  });

  it('is reached from other hosts through an automatic port, each replica through its own', async () => {
    await deployed(cluster.host(1), 'team/auto', { replicas: 4, spec: { ports: [{ container: 80 }] } });
    const containers = await containersOf(cluster.host(1), 'team/auto');
    const answers = await Promise.all(
      containers.map(async (container) => {
        const { Id } = await inspect(container);
        expect(await page(container, cluster.host(3), '/cgi-bin/version')).toBe(`1 ${Id.slice(0, 12)}\n`);
        return `${container.hostName}:${container.ports[0]?.host}`;
      }),
    );
    expect(new Set(answers).size).toBe(4);
    for (const { ports } of containers) expect(ports[0]?.host).toBeGreaterThanOrEqual(20_000);
    await deleteApp(cluster.host(2), 'team/auto');
  });

  it('is reached through fixed ports, TCP and UDP', async () => {
    const container = await one('team/fixed', {
      ports: [
        { container: 80, host: 8_080 },
        { container: 53, host: 5_353, protocol: 'udp' },
      ],
    });
    const other = cluster.host(container.hostName === 'h1' ? 2 : 1);
    expect(await page(container, other, '/')).toBe('shoal test image\n');

    // The image has nothing that answers UDP, so a program of this machine does it in the container's network.
    const pid = String((await inspect(container)).State.Pid);
    const echo = ['socat', '-T', '30', 'UDP4-RECVFROM:53,fork', 'EXEC:cat'];
    const responder = spawnInCluster(cluster, 'exec', container.hostName, '--', 'nsenter', '-t', pid, '-n', ...echo);
    const ask = `echo over udp | socat -t 1 - UDP4:${hostOf(container).ip}:5353`;
    await waitFor('an answer over UDP', async () => (await other.exec('sh', '-c', ask)) === 'over udp\n');
    responder.kill();
    await deleteApp(cluster.host(1), 'team/fixed');
  });

  it('leaves its volume to the next one on the host, and a group does not see the volume of another', async () => {
    await cluster.host(1).api('PUT', '/v1/groups/others', { body: {} });
    const spec = {
      command: ['sh', '-c', 'echo started >>/www/data/log; exec serve'],
      volumes: [{ name: 'data', target: '/www/data' }],
      ports: [{ container: 80 }],
      constraints: [onHost('h2')],
    };
    const reader = cluster.host(1);
    expect(await page(await one('team/keeper', spec), reader, '/data/log')).toBe('started\n');
    await deleteApp(cluster.host(3), 'team/keeper');
    expect(await page(await one('team/keeper', spec), reader, '/data/log')).toBe('started\nstarted\n');
    expect(await page(await one('others/keeper', spec), reader, '/data/log')).toBe('started\n');
    const readOnly = { ...spec, command: ['serve'], volumes: [{ name: 'data', target: '/www/data', readOnly: true }] };
    const { Mounts } = await inspect(await one('team/reader', readOnly));
    expect(Mounts).toMatchObject([{ Type: 'volume', Destination: '/www/data', RW: false }]);
    for (const name of ['team/keeper', 'others/keeper', 'team/reader']) await deleteApp(cluster.host(1), name);
  });

  it('that never restarts is completed when it exits with 0', async () => {
    const job = await one('team/job', { restart: 'never', command: ['true'] });
    expect(job).toMatchObject({ phase: 'completed', ready: true, restarts: 0, exitCode: 0 });
    expect((await inspect(job)).State).toMatchObject({ Status: 'exited', ExitCode: 0 });
  });

  it('that restarts on failure does so until it exits with 0', async () => {
    const twice = 'if [ -e /second ]; then exit 0; fi; touch /second; exit 1';
    const job = await one('team/retry', { restart: 'on-failure', command: ['sh', '-c', twice] });
    expect(job).toMatchObject({ phase: 'completed', ready: true, restarts: 1, exitCode: 0 });
  });

  it('that always restarts comes back however it ends, each time after a longer pause', async () => {
    const name = 'team/phoenix';
    const first = await one(name, {});
    for (const restarts of [1, 2, 3]) {
      await hostOf(first).docker.getContainer(first.name).kill();
      await until(name, 'up again', (container) => container.restarts === restarts && container.phase === 'running');
    }
    const same = await until(name, 'ready', ({ ready }) => ready);
    expect(same).toMatchObject({ id: first.id, engineId: first.engineId });
    const pauses = await waitFor('the events', async () => {
      const events = await itemsOf<Event>(cluster.host(3), '/v1/events?group=team&app=phoenix');
      const words = events.filter(({ kind }) => kind === 'container.restarting').map(({ message }) => message);
      return words.length === 3 && words.map((message) => Number(/in ([\d.]+) s/.exec(message)?.[1]));
    });
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
    expect(pauses[2]).toBeGreaterThan(pauses[0] ?? 0);
  });

  it('is asked to stop by its own signal, and killed when its grace is over', async () => {
    const waits = (trap: string) => ['sh', '-c', `${trap}; sleep 1000 & wait; wait`];
    const polite = await one('team/polite', { stopSignal: 'SIGUSR1', command: waits("trap 'exit 7' USR1") });
    const deaf = await one('team/deaf', { stopGraceMs: 1_000, command: waits("trap '' TERM") });
    for (const { id } of [polite, deaf]) await cluster.host(3).api('POST', `/v1/containers/${id}/stop`, {});
    expect(await until('team/polite', 'stopped', ({ phase }) => phase === 'stopped')).toMatchObject({ exitCode: 7 });
    expect(await until('team/deaf', 'stopped', ({ phase }) => phase === 'stopped')).toMatchObject({ exitCode: 137 });
  });

  it('that was healthy and gets unhealthy is started again, and healthy again, as its check says', async () => {
    const health = { command: ['test', '-e', '/well'], intervalMs: 200, retries: 1 };
    const patient = await one('team/patient', { command: ['sh', '-c', 'touch /well; exec serve'], health });
    const run = async (...Cmd: string[]) => {
      const exec = await hostOf(patient).docker.getContainer(patient.name).exec({ Cmd });
      await exec.start({ Detach: true });
    };
    await run('rm', '/well');
    const cured = await until('team/patient', 'healthy again', ({ restarts, ready }) => restarts > 0 && ready);
    expect(cured).toMatchObject({ id: patient.id, health: 'healthy' });
  });
});
