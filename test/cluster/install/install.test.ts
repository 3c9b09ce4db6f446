import { appendFile, copyFile, readFile, readlink, stat } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RealCluster } from '../../framework/real-cluster.ts';
import { waitFor } from '../../framework/wait.ts';
import { Machine } from './machine.ts';

const NOTHING_TO_CHANGE = 'nothing to change: this host is installed, and its agent runs\n';
const PROGRAM = ['/opt/shoal', '/usr/local/bin/shoal'];
const KEPT = ['/etc/shoal', '/var/lib/shoal', '/var/log/shoal'];
const ADMIN_TOKEN = '/var/lib/shoal/admin.token';
const SECRET = 'shoal1.c2VjcmV0';

/** The command or value in the line of what install.sh printed that begins with `label`. */
function printed(said: string, label: string): string {
  const command = new RegExp(`^ +${label} +(.*?)( {3}|$)`, 'm').exec(said)?.[1];
  if (command === undefined) throw new Error(`install.sh printed no "${label}"`, { cause: said });
  return command;
}

/** Those of these paths that the machine has. */
async function found(machine: Machine, paths: readonly string[]): Promise<readonly string[]> {
  return (await machine.sh(`ls -d ${paths.join(' ')} 2>/dev/null || :`)).split('\n').filter(Boolean).sort();
}

const membersSeenBy = async (machine: Machine) =>
  (await machine.hosts()).map(({ name, status }) => `${name} ${status}`).sort();

/** The story of two machines, from nothing to nothing: each test goes on where the one before ended. */
describe('install.sh', () => {
  let cluster: RealCluster;
  let first: Machine;
  let second: Machine;
  /** What the first installation printed. */
  let said = '';
  beforeAll(async () => {
    cluster = await RealCluster.up({ purpose: 'i', hosts: 2, agents: false });
    [first, second] = await Promise.all([Machine.of(cluster, 1), Machine.of(cluster, 2)]);
  });
  afterAll(() => cluster?.down());

  it('says that it needs root', async () => {
    const { code, stderr } = await first.fails('setpriv --reuid=65534 --regid=65534 --clear-groups ./install.sh');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^error: this needs root\nnext: sudo /),
    });
  });

  it.for([`--join ${SECRET}`, `--join=${SECRET}`, `--token=${SECRET}`, `--token ${SECRET}`])(
    'refuses a token on the command line and does not repeat it: %s',
    async (words) => {
      const { code, stderr } = await first.fails(`./install.sh ${words}`);
      expect(code).toBe(2);
      expect(stderr).toContain('name its file in SHOAL_TOKEN_FILE, or pipe it in');
      expect(stderr).not.toContain(SECRET);
    },
  );

  it('says in a dry run what it would do, and does nothing', async () => {
    const plan = await first.run('./install.sh', '--dry-run');
    expect(plan).toContain('would: start the Docker engine\n');
    expect(plan).toContain('would: start a new mesh\n');
    expect(await found(first, [...PROGRAM, ...KEPT, '/run/docker.sock'])).toEqual([]);
  });

  it('makes a bare machine the first host of a mesh and says what comes next', async () => {
    said = await first.run('./install.sh');
    expect(printed(said, 'API')).toBe('http://127.0.0.1:7420');
    expect(printed(said, 'admin token')).toBe(ADMIN_TOKEN);
    expect(await membersSeenBy(first)).toEqual(['h1 alive']);
    for (const secret of [ADMIN_TOKEN, '/etc/shoal/env'])
      expect((await stat(first.path(secret))).mode & 0o077, secret).toBe(0);
  });

  it('prints a first deploy that works', async () => {
    await first.run('docker', 'load', '--input', '/srv/shoal-test.tar');
    await first.sh(printed(said, 'first app').replace('nginx:alpine', 'shoal-test:1'));
    expect((await first.running()).containers).toHaveLength(2);
  });

  it('changes nothing and restarts nothing when run again', async () => {
    const before = await first.running();
    expect(await first.run('./install.sh')).toBe(NOTHING_TO_CHANGE);
    expect(await first.running()).toEqual(before);
  });

  it('has the agent supervised: killed, it comes back', async () => {
    const { agents: killed, ...others } = await first.running();
    await first.sh(`kill -KILL ${killed.join(' ')}`);
    await waitFor('an agent that answers', async () => (await membersSeenBy(first)).includes('h1 alive'));
    expect(await first.running()).toEqual({ ...others, agents: [expect.not.stringMatching(`^${killed[0]}$`)] });
  });

  it('restarts the agent and nothing else for a changed setting, which stays', async () => {
    const { agents: before, ...others } = await first.running();
    await first.sh('SHOAL_ZONE=west HTTPS_PROXY=http://proxy.corp:3128 ./install.sh');
    expect(await first.running()).toEqual({ ...others, agents: [expect.not.stringMatching(`^${before[0]}$`)] });
    expect(await first.run('./install.sh')).toBe(NOTHING_TO_CHANGE);
    expect(await first.hosts()).toMatchObject([{ name: 'h1', zone: 'west' }]);
    const [agent] = first.agents();
    const environment = await readFile(first.path(`/proc/${agent}/environ`), 'utf8');
    expect(environment.split('\0')).toContain('HTTPS_PROXY=http://proxy.corp:3128');
  });

  it('upgrades to a changed checkout while containers run on', async () => {
    const { agents: before, ...others } = await first.running();
    const version = await readlink(first.path('/opt/shoal/current'));
    await appendFile(first.path('/srv/shoal/agent/cli/main.ts'), '\n// changed\n');
    await first.run('./install.sh', 'upgrade');
    expect(await readlink(first.path('/opt/shoal/current'))).not.toBe(version);
    expect(await first.running()).toEqual({ ...others, agents: [expect.not.stringMatching(`^${before[0]}$`)] });
    expect(await first.run('./install.sh', 'upgrade')).toBe(NOTHING_TO_CHANGE);
  });

  it('uninstalls only what it is asked for, and takes it up again', async () => {
    const before = await first.running();
    const [self] = await first.hosts();
    const uninstall = printed(said, 'uninstall');
    const refusal = await first.fails(`${uninstall} </dev/null`);
    expect(refusal).toMatchObject({ code: 1, stderr: expect.stringContaining('repeat it with --yes') });
    expect(await first.running()).toEqual(before);

    await first.sh(`${uninstall} --yes`);
    expect(await first.running()).toEqual({ ...before, agents: [] });
    expect(await found(first, [...PROGRAM, ...KEPT])).toEqual(KEPT);

    await first.run('./install.sh');
    expect(await first.hosts()).toMatchObject([{ id: self?.id, zone: 'west', containers: 2 }]);
    expect(await first.running()).toEqual({ ...before, agents: [expect.any(String)] });
  });

  it('lets a second host join with the commands it printed, also after a damaged token', async () => {
    await first.sh(printed(said, 'next host +here:'));
    await copyFile(first.path('/srv/shoal/join.token'), second.path('/srv/shoal/join.token'));
    const refusal = await second.fails(`echo ${SECRET} | ./install.sh --join`);
    expect(refusal).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot join the mesh') });

    expect(await second.sh(printed(said, 'there:'))).toContain(`copy it to ${ADMIN_TOKEN}`);
    await copyFile(first.path(ADMIN_TOKEN), second.path(ADMIN_TOKEN));
    for (const machine of [first, second]) {
      await waitFor(
        'both to see each other',
        async () => (await membersSeenBy(machine)).join() === 'h1 alive,h2 alive',
      );
    }
    expect(await second.run('./install.sh', '--join')).toBe(NOTHING_TO_CHANGE);
  });

  it('purges containers and data, but not the engine', async () => {
    const { engine } = await first.running();
    await first.run('./install.sh', 'uninstall', '--purge', '--yes');
    expect(await first.running()).toEqual({ agents: [], engine, containers: [] });
    expect(await found(first, [...PROGRAM, ...KEPT])).toEqual([]);
    expect(await first.run('./install.sh', 'uninstall', '--purge', '--yes')).toBe('nothing to remove\n');
  });

  it('takes no refusal for a success: a purged host joins anew when its name is free', async () => {
    await second.run('shoal', 'token', 'create', '--out', 'again.token');
    await copyFile(second.path('/srv/shoal/again.token'), first.path('/srv/shoal/again.token'));
    const join = './install.sh --join <again.token';
    expect((await first.fails(join)).stderr).toContain('Another member is named h1');
    expect(first.agents()).toEqual([]);

    await second.run('shoal', 'member', 'evict', 'h1', '--yes');
    await first.sh(join);
    await waitFor('the host to be back', async () => (await membersSeenBy(second)).includes('h1 alive'));
    const env = await readFile(first.path('/etc/shoal/env'), 'utf8');
    expect(env).not.toContain('SHOAL_ZONE'); // nothing of the former one is left
  });
});
