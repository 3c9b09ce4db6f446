import { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Platform, ShellPlatform } from '../../agent/services/platform.ts';
import { framed } from '../../agent/services/shell/frame-stream.ts';
import type { ContainerId, HostId, OperationId } from '../../protocol/ids.ts';
import { ulid } from '../../protocol/ids.ts';
import type { CapacityAnswer, CapacityRequest } from '../../protocol/schemas/capacity.ts';
import type { Container, Host } from '../../protocol/schemas/host.ts';
import type { LogEntry, LogLine } from '../../protocol/schemas/logs.ts';
import type { AppOperationRecord } from '../../protocol/schemas/operation.ts';
import { encodeShellFrame } from '../../protocol/shell-frames.ts';
import { FakePlatform } from '../unit/api/fake-platform.ts';

const MiB = 1024 ** 2;
const GiB = 1024 * MiB;
const groups = ['shop', 'pay', 'media', 'data'];
const names = ['web', 'api', 'worker', 'search', 'cart', 'mail', 'cache', 'feed', 'auth', 'report'];
const CPU_MILLI = 16_000;

const logTexts = [
  '{"level":"info","method":"GET","path":"/cart/7","status":200,"ms":12,"user":{"id":41,"plan":"team"}}',
  '\u001b[32mINFO\u001b[0m request \u001b[1mGET /checkout\u001b[0m took \u001b[33m84 ms\u001b[0m',
  'plain line without any colours',
  '\u001b[1;31mERROR\u001b[0m payment \u001b[4mp_81\u001b[0m refused: \u001b[97;41m card expired \u001b[0m',
  '\u001b[38;5;208mWARN\u001b[0m queue is \u001b[2m81%\u001b[0m full <b>not bold</b> <script>alert(1)</script>',
];

const shellText = [
  '\u001b[1;32mroot@web\u001b[0m:\u001b[1;34m/app\u001b[0m# ls --color\r\n',
  '\u001b[34mbin\u001b[0m  \u001b[36mcurrent\u001b[0m  \u001b[1;32mserver\u001b[0m  \u001b[31mbroken.tgz\u001b[0m  notes.txt\r\n',
  '\u001b[38;2;120;80;200mtrue colour\u001b[0m \u001b[48;5;22;97m on green \u001b[0m \u001b[4munderlined\u001b[0m\r\n',
  '\u001b[1;32mroot@web\u001b[0m:\u001b[1;34m/app\u001b[0m# ',
].join('');

async function* asChunks(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** A session that has shown something, and takes whatever is typed. */
function shellThatIsQuiet(): Duplex {
  const stream = new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() });
  for (const frame of [
    { type: 'attached', offset: 0 },
    { type: 'output', bytes: new TextEncoder().encode(shellText) },
  ] as const) {
    stream.push(framed(encodeShellFrame(frame)));
  }
  return stream;
}

const logLine = ({ id, name, replica, hostName }: Container, text: string, index: number, atMs: number): LogLine => ({
  type: 'line',
  containerId: id,
  container: name,
  hostName,
  replica,
  at: new Date(atMs).toISOString(),
  stream: index % 7 === 3 ? 'stderr' : 'stdout',
  text,
});

export interface SyntheticOptions {
  readonly hosts: number;
  readonly containersPerHost: number;
  readonly apps: number;
}

/** A mesh of any size behind the API, without agents: for what is drawn and how fast, not for what happens. The same every time. */
export class SyntheticMesh extends FakePlatform {
  override readonly hostName = 'h001';
  #seed = 7;

  constructor({ hosts, containersPerHost, apps }: SyntheticOptions) {
    super();
    const startMs = Date.now() - 6 * 3_600_000;
    const all = Array.from({ length: apps }, (_, index) => ({
      group: groups[index % groups.length] ?? '',
      app: `${names[Math.floor(index / groups.length) % names.length]}${index >= 40 ? `-${Math.floor(index / 40)}` : ''}`,
    }));
    for (const name of groups.slice(0, apps)) this.world.do({ kind: 'group.put', group: name });
    for (const app of all) {
      const spec = { image: `127.0.0.1:5000/${app.group}/${app.app}:1`, memoryBytes: 256 * MiB, env: { MODE: 'live' } };
      this.world.do({ kind: 'app.deploy', ...app, cluster: 'default', replicas: 1, spec });
    }
    const replicas = new Map<string, number>();
    for (let index = 0; index < hosts; index++) {
      const host = this.#host(index, startMs);
      for (let slot = 0; slot < containersPerHost; slot++) {
        const app = all[(index * containersPerHost + slot) % all.length];
        if (app === undefined) continue;
        const key = `${app.group}/${app.app}`;
        const replica = replicas.get(key) ?? 0;
        replicas.set(key, replica + 1);
        this.allContainers.push(this.#container(host, app, replica, startMs));
      }
      const own = this.allContainers.filter(({ hostId }) => hostId === host.id);
      this.allHosts.push({
        ...host,
        containers: own.length,
        capacity: {
          ...host.capacity,
          promisedBytes: own.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
          promisedCpuMilli: own.reduce((sum, { cpuMilli }) => sum + cpuMilli, 0),
        },
      });
    }
    this.#settle(all, replicas, startMs);
  }

  override view() {
    const alive = this.allHosts.filter(({ status }) => status === 'alive').length;
    return { alive, members: this.allHosts.length, isolated: false };
  }

  override containers = ({ group, app, host }: { group?: string; app?: string; host?: string } = {}) =>
    this.allContainers.filter(
      (one) =>
        (group === undefined || one.group === group) &&
        (app === undefined || one.app === app) &&
        (host === undefined || one.hostId === host || one.hostName === host),
    );

  /** Room by memory alone, as far as hosts live. */
  override capacity = ({ memoryBytes = 256 * MiB, cluster = 'default' }: CapacityRequest = {}): CapacityAnswer => {
    const hosts = this.allHosts.map(({ id, name, zone, status, capacity }) => {
      const { allocatableBytes, promisedBytes, heldBytes } = capacity;
      const isAlive = status === 'alive';
      const replicas = isAlive ? Math.floor((allocatableBytes - promisedBytes - heldBytes) / memoryBytes) : 0;
      const rule = isAlive ? ('insufficient-memory' as const) : ('not-alive' as const);
      const detail = isAlive ? `${allocatableBytes - promisedBytes} B are free` : 'the host does not answer';
      return { hostId: id, hostName: name, zone, replicas, rule, detail, allocatableBytes, promisedBytes, heldBytes };
    });
    return { memoryBytes, cpuMilli: 0, cluster, total: hosts.reduce((sum, { replicas }) => sum + replicas, 0), hosts };
  };

  /** One container turns unhealthy, or well again, as a burst of events would do. */
  flip(index: number): void {
    const at = index % this.allContainers.length;
    const one = this.allContainers[at];
    if (one === undefined) return;
    const isReady = !one.ready;
    this.allContainers[at] = { ...one, ready: isReady, health: isReady ? 'healthy' : 'unhealthy' };
    this.change('containers');
  }

  /** What every log begins with, then a line every 200 ms while it is followed. */
  override async *logs(...[of, wish, signal]: Parameters<Platform['logs']>): AsyncIterable<readonly LogEntry[]> {
    const containers = this.allContainers.filter((one) =>
      'container' in of
        ? one.id === of.container
        : one.group === of.group && one.app === of.app && (of.replica === undefined || one.replica === of.replica),
    );
    const fits = (text: string): boolean => wish.grep === undefined || text.includes(wish.grep);
    const line = (index: number, atMs: number): LogEntry | undefined => {
      const container = containers[index % containers.length];
      const text = logTexts[index % logTexts.length] ?? '';
      return container === undefined || !fits(text) ? undefined : logLine(container, text, index, atMs);
    };
    const startMs = Date.now();
    const before = Array.from({ length: 300 }, (_, index) => line(index, startMs - (300 - index) * 1_000));
    yield before.flatMap((one) => one ?? []);
    for (let index = 300; wish.follow && !signal.aborted; index++) {
      await sleep(200, undefined, { signal }).catch(() => undefined);
      yield [line(index, Date.now())].flatMap((one) => one ?? []);
    }
  }

  override usage: Platform['usage'] = async () => ({
    hosts: this.allHosts
      .filter(({ status }) => status === 'alive')
      .map(({ id, name }) => ({ ...this.#usagePoint(8_000, 9 * GiB), hostId: id, hostName: name })),
    containers: this.allContainers.map(({ id, name, group, app, hostId, hostName, memoryBytes, cpuMilli }) => ({
      ...this.#usagePoint(cpuMilli, memoryBytes * 0.7),
      containerId: id,
      container: name,
      group,
      app,
      hostId,
      hostName,
      memoryLimitBytes: memoryBytes,
    })),
    missing: [],
  });

  /** As far back as asked, with a gap of a tenth in it. */
  override usageHistory: Platform['usageHistory'] = async (_, { sinceMs }) => {
    const nowMs = Date.now();
    const spanMs = nowMs - sinceMs;
    const stepMs = spanMs <= 600_000 ? 5_000 : spanMs <= 7_200_000 ? 30_000 : 300_000;
    const all = Array.from({ length: Math.floor(spanMs / stepMs) }, (_, index) => sinceMs + index * stepMs);
    const atMs = all.filter((at) => at < sinceMs + spanMs * 0.6 || at > sinceMs + spanMs * 0.7);
    const wave = (most: number, phase: number): number[] =>
      atMs.map((at) => most * (0.5 + 0.3 * Math.sin(at / (spanMs / 17) + phase) + 0.2 * this.#random()));
    return {
      stepMs,
      atMs,
      cpuMilli: wave(900, 0),
      memoryBytes: wave(200 * MiB, 1),
      receivedBytesPerS: wave(4 * MiB, 2),
      sentBytesPerS: wave(MiB, 3),
      readBytesPerS: wave(300_000, 4),
      writtenBytesPerS: wave(9_000_000, 5),
    };
  };

  override shells = {
    ticket: async (container: string, sessionId: string) => ({
      sessionId,
      ticket: 't'.repeat(32),
      url: `/v1/containers/${container}/shells/${sessionId}/stream?ticket=${'t'.repeat(32)}`,
      expiresAt: new Date(Date.now() + 30_000).toISOString(),
    }),
    attach: async () => shellThatIsQuiet(),
    list: async (container: string) => [
      {
        id: `sh_${'0'.repeat(26)}`,
        containerId: container,
        container: 'one',
        hostId: this.hostId,
        hostName: this.hostName,
        command: ['/bin/sh', '-c', 'exec bash || exec sh'],
        tty: true,
        openedAt: new Date(Date.now() - 90_000).toISOString(),
        openedBy: 'admin',
        viewers: 2,
        state: 'open',
      },
    ],
  } as unknown as ShellPlatform;

  override recordings: Platform['recordings'] = {
    list: async () => ({
      missing: [],
      items: this.allContainers.slice(0, 1).map(({ id, name, group, app, hostId, hostName }) => ({
        id: `sh_${'0'.repeat(26)}`,
        containerId: id,
        container: name,
        group,
        app,
        hostId,
        hostName,
        command: ['/bin/sh', '-c', 'exec bash || exec sh'],
        tty: true,
        openedBy: 'admin',
        openedAt: new Date(Date.now() - 3_600_000).toISOString(),
        endedAt: new Date(Date.now() - 3_500_000).toISOString(),
        state: 'ended' as const,
        sizeBytes: 4_711,
      })),
    }),
    read: async () =>
      asChunks(`{"version":2,"width":80,"height":24}\n[0.1,"o",${JSON.stringify(shellText)}]\n[9,"o","bye"]\n`),
    remove: async () => undefined,
  };

  #usagePoint(cpuMilli: number, memoryBytes: number) {
    return {
      at: new Date().toISOString(),
      cpuMilli: Math.round(cpuMilli * (0.2 + 0.6 * this.#random())),
      memoryBytes: Math.round(memoryBytes * (0.6 + 0.3 * this.#random())),
      receivedBytesPerS: 1_000,
      sentBytesPerS: 2_000,
      readBytesPerS: 0,
      writtenBytesPerS: 4_000,
    };
  }

  /** All but one deployment are reached, with as many replicas as there are containers. */
  #settle(
    all: readonly { group: string; app: string }[],
    replicas: ReadonlyMap<string, number>,
    startMs: number,
  ): void {
    for (const [index, { group, app }] of all.entries()) {
      const found = this.app(group, app)?.item;
      const [deployment] = found?.deployments ?? [];
      if (found === undefined || deployment === undefined) continue;
      const wanted = replicas.get(`${group}/${app}`) ?? 0;
      this.world.change(`apps/${group}/${app}`, { deployments: [{ ...deployment, replicas: wanted }] });
      const isOver = index > 0;
      this.world.change<AppOperationRecord>(`operations/${deployment.operationId}`, {
        createdAt: new Date(startMs + index * 60_000).toISOString(),
        replicas: wanted,
        ...(isOver ? { state: 'succeeded', finishedAt: new Date(startMs + index * 60_000 + 4_000).toISOString() } : {}),
      });
      this.allEvents.push({
        id: `ev_${ulid(startMs + index * 60_000, () => this.#random())}`,
        at: new Date(startMs + index * 60_000).toISOString(),
        kind: 'app.deployed',
        message: `${group}/${app} v1 runs with ${wanted} replicas in default`,
        source: this.hostId,
        actor: 'admin',
        group,
        app,
        operation: deployment.operationId,
      });
    }
  }

  #host(index: number, startMs: number): Host {
    const number = String(index + 1).padStart(3, '0');
    return {
      id: `12D3KooW${'Host'.padEnd(38, 'x')}${number.replaceAll('0', 'A')}${String.fromCharCode(65 + (index % 8))}` as HostId,
      name: `h${number}`,
      status: index % 37 === 36 ? 'suspect' : index % 53 === 52 ? 'dead' : 'alive',
      since: new Date(startMs).toISOString(),
      incarnation: 1,
      isSelf: index === 0,
      cordoned: index % 23 === 22,
      zone: `zone-${String.fromCharCode(97 + (index % 3))}`,
      labels: { arch: 'amd64', os: 'linux', zone: `zone-${String.fromCharCode(97 + (index % 3))}`, disk: 'ssd' },
      addresses: [`/ip4/10.0.${Math.floor(index / 250)}.${(index % 250) + 1}/tcp/7421`],
      agentVersion: '0.1.0',
      engine: { state: 'ready', version: '28.5.2' },
      capacity: {
        memoryBytes: 16 * GiB,
        reserveBytes: GiB,
        unmanagedBytes: index % 5 === 0 ? 512 * MiB : 0,
        allocatableBytes: index % 5 === 0 ? 14.5 * GiB : 15 * GiB,
        promisedBytes: 0,
        heldBytes: index % 7 === 3 ? GiB : 0,
        cpuMilli: CPU_MILLI,
        promisedCpuMilli: 0,
      },
      containers: 0,
      unmanaged: [],
    };
  }

  #container(host: Host, app: { group: string; app: string }, replica: number, startMs: number): Container {
    const id = `ct_${ulid(startMs + replica, () => this.#random())}` as ContainerId;
    const isDown = this.#random() < 0.02;
    return {
      id,
      name: `${app.group}-${app.app}-${replica}-${id.slice(-4).toLowerCase()}`,
      ...app,
      appUid: `ap_${app.app}`,
      cluster: 'default',
      version: 1,
      replica,
      specHash: 'f'.repeat(16),
      operationId: `op_${'0'.repeat(26)}` as OperationId,
      image: `127.0.0.1:5000/${app.group}/${app.app}:1`,
      memoryBytes: 256 * MiB * 2 ** Math.floor(this.#random() * 3),
      cpuMilli: 250 * (1 + Math.floor(this.#random() * 4)),
      ports: [{ container: 80, host: 20_000 + Math.floor(this.#random() * 9_000), protocol: 'tcp' }],
      phase: isDown ? 'backoff' : 'running',
      wanted: 'running',
      health: isDown ? 'none' : 'healthy',
      ready: !isDown,
      restarts: isDown ? 4 : 0,
      ...(isDown
        ? { exitCode: 1, reason: { code: 'container-exited', detail: 'It exits with code 1 after 2 s.' } }
        : {}),
      createdAt: new Date(startMs).toISOString(),
      startedAt: new Date(startMs + 2_000).toISOString(),
      hostId: host.id,
      hostName: host.name,
      hostStatus: host.status,
    };
  }

  #random(): number {
    this.#seed = (this.#seed * 16_807) % 2_147_483_647;
    return this.#seed / 2_147_483_647;
  }
}
