import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Container } from '../../../protocol/schemas/host.ts';
import type { Version, VersionSpec } from '../../../protocol/schemas/version.ts';
import { containersOf, deploy, deployed } from '../../framework/deploys.ts';
import { RealCluster, runInCluster } from '../../framework/real-cluster.ts';
import type { RealHost } from '../../framework/real-host.ts';
import { waitFor } from '../../framework/wait.ts';

const path = '/etc/app/app.conf';
const sha256 = (content: string) => createHash('sha256').update(content).digest('hex');
const DEADLINE_MS = 60_000;

describe('configuration files on real hosts', () => {
  let cluster: RealCluster;
  beforeAll(async () => {
    cluster = await RealCluster.up({ purpose: 'g', hosts: 3 });
    await cluster.host(1).api('PUT', '/v1/groups/team', { body: {} });
  });
  afterAll(() => cluster?.down());

  const hostOf = ({ hostName }: Container): RealHost => cluster.host(Number(hostName.slice(1)));

  /** Two replicas are one each on h2 and h3, and can be nowhere else. */
  const spec = (content: string): Partial<VersionSpec> => ({
    files: [{ path, content, mode: '0440', gid: 7 }],
    constraints: [{ label: 'host', op: 'in', values: ['h2', 'h3'] }],
  });
  const running = (host: RealHost) =>
    waitFor(
      'both replicas to run',
      async () => {
        const containers = await containersOf(host, 'team/web');
        return containers.length === 2 && containers.every(({ ready }) => ready) && containers;
      },
      DEADLINE_MS,
    );
  const inContainer = (container: Container, script: string) =>
    hostOf(container).exec('docker', 'exec', container.name, 'sh', '-c', script);
  /** Where the engine takes it from. Hosts share the disk of this machine. */
  async function sourceOf(container: Container): Promise<string> {
    const { Mounts } = await hostOf(container).docker.getContainer(container.name).inspect();
    const found = Mounts.find(({ Destination }) => Destination === path)?.Source;
    if (found === undefined) throw new Error(`${container.name} has no file at ${path}`);
    return found;
  }
  const onHost = async (host: number): Promise<Container> => {
    const found = (await running(cluster.host(1))).find(({ hostName }) => hostName === `h${host}`);
    if (found === undefined) throw new Error(`no replica on h${host}`);
    return found;
  };

  it('are read in the containers of every host, with their mode and owner, and written by none', async () => {
    await deployed(cluster.host(1), 'team/web', { replicas: 2, spec: spec('one\n') });
    for (const container of await running(cluster.host(1))) {
      expect(await inContainer(container, `cat ${path}`)).toBe('one\n');
      expect(await inContainer(container, `ls -n ${path}`)).toMatch(/^-r--r----- +1 0 +7 +4 /);
      expect(await inContainer(container, `echo x >${path} 2>&1 || chmod 777 ${path} 2>&1 || true`)).toContain(
        'Read-only',
      );
      expect(readFileSync(await sourceOf(container), 'utf8')).toBe('one\n');
    }
  });

  it('that change make a new version, whose difference every member shows', async () => {
    await deployed(cluster.host(2), 'team/web', { replicas: 2, spec: spec('two\n') });
    const contents = (await running(cluster.host(1))).map((container) => inContainer(container, `cat ${path}`));
    expect(await Promise.all(contents)).toEqual(['two\n', 'two\n']);
    const { body } = await cluster.host(3).api<Version>('GET', '/v1/groups/team/apps/web/versions/2');
    expect(body.spec.files).toEqual([{ path, sha256: sha256('two\n'), sizeBytes: 4, mode: '0440', gid: 7 }]);
    const show = (...words: string[]) => runInCluster(cluster, 'h3', ['shoal', 'version', ...words]);
    expect(await show('diff', 'team/web', '1', '2')).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining('    -one\n    +two\n'),
    });
    expect(await show('file', 'team/web', path, '1')).toMatchObject({ exitCode: 0, out: 'one\n' });
  });

  it('that were tampered with on the disk are put right when the container starts again', async () => {
    const container = await onHost(2);
    const source = await sourceOf(container);
    writeFileSync(source, 'hacked');
    const power = `/v1/containers/${container.id}/restart`;
    expect((await cluster.host(3).api('POST', power)).status).toBe(200);
    await waitFor(
      'the right content',
      async () => (await inContainer(await onHost(2), `cat ${path}`).catch(() => '')) === 'two\n',
      DEADLINE_MS,
    );
    expect(readFileSync(source, 'utf8')).toBe('two\n');
  });

  it('are there after a power cut, also when the disk lost them', async () => {
    const [second, third] = [await onHost(2), await onHost(3)];
    const sources = [await sourceOf(second), await sourceOf(third)];
    await cluster.script('off', 'h2');
    await cluster.script('off', 'h3');
    rmSync(sources[1] ?? '');
    await cluster.script('on', 'h2');
    await cluster.script('on', 'h3');
    for (const before of [second, third]) {
      const read = async () => {
        const container = await onHost(Number(before.hostName.slice(1)));
        return (await inContainer(container, `cat ${path}`).catch(() => '')) === 'two\n' && container;
      };
      expect((await waitFor('the content after the power cut', read, DEADLINE_MS)).id).toBe(before.id);
    }
  });

  it('in the place of a directory of the image fail the deploy in words that people understand', async () => {
    const spec = { files: [{ path: '/etc', content: '' }] };
    const { state, problem } = await deploy(cluster.host(1), 'team/wrong', { spec });
    expect([state, problem?.code]).toEqual(['failed', 'create-failed']);
    expect(problem?.detail).toMatch(/nothing can be mounted at \/etc: not a directory/);
  });

  it('of an app whose first deploy fails are gone everywhere; those of a failed upgrade stay with its version', async () => {
    const bad = (content: string) => ({ ...spec(content), command: ['sh', '-c', 'exit 1'] });
    const contentOf = (app: string, content: string) => `/v1/groups/team/apps/${app}/files/${sha256(content)}`;
    expect((await deploy(cluster.host(1), 'team/never', { spec: bad('never\n') })).state).toBe('failed');
    expect((await deploy(cluster.host(1), 'team/web', { replicas: 2, spec: bad('bad\n') })).state).toBe('failed');
    for (const host of cluster.hosts) {
      const gone = async () => (await host.api('GET', contentOf('never', 'never\n'))).status === 404;
      await waitFor('the content to be gone', gone, DEADLINE_MS);
      expect((await host.api('GET', contentOf('web', 'bad\n'))).status).toBe(200);
    }
  });

  it('leave the disk with the last container that has them', async () => {
    await running(cluster.host(1));
    const source = await sourceOf(await onHost(2));
    expect(existsSync(source)).toBe(true);
    expect((await cluster.host(1).api('DELETE', '/v1/groups/team/apps/web')).status).toBe(202);
    await waitFor('the file to be gone', async () => !existsSync(source), DEADLINE_MS);
  });
});
