import type Docker from 'dockerode';
import { compareText, sortedByKey } from '../../core/order.ts';
import type { EngineContainer } from '../../ports/engine.ts';

type Ports = EngineContainer['ports'];

const NANOS_PER_MILLI_CPU = 1e6;
/** How the engine writes "never". */
const NEVER = '0001-01-01T00:00:00Z';

/** An inspected container, canonical: what the engine gives in any order is sorted, and "never" is empty. */
export function canonical(container: Docker.ContainerInspectInfo): EngineContainer {
  const { State: state, HostConfig: host, Config: config } = container;
  return {
    engineId: container.Id,
    name: container.Name.replace(/^\//, ''),
    image: config.Image,
    labels: sortedByKey(config.Labels ?? {}),
    state: stateOf(state.Status),
    health: healthOf(state.Health?.Status),
    hasHealthcheck: hasHealthcheck(config.Healthcheck?.Test),
    address: addressOf(container),
    exitCode: state.ExitCode,
    error: state.Error,
    isOomKilled: state.OOMKilled,
    memoryBytes: host.Memory ?? 0,
    cpuMilli: cpuMilliOf(host),
    ports: portsOf(container),
    createdAt: timeOf(container.Created),
    startedAt: timeOf(state.StartedAt),
    finishedAt: timeOf(state.FinishedAt),
    ...(state.Pid > 0 ? { pid: state.Pid } : {}),
  };
}

/** Docker's `--cpus` is NanoCpus; what older tools set as quota and period means the same. */
function cpuMilliOf({ NanoCpus: nanos = 0, CpuQuota: quota = 0, CpuPeriod: period = 0 }: Docker.HostConfig): number {
  if (nanos > 0) return Math.round(nanos / NANOS_PER_MILLI_CPU);
  return quota > 0 && period > 0 ? Math.round((quota / period) * 1_000) : 0;
}

/** Fixed ports from the configuration, also while it does not run; ports the engine chose from its network settings. */
function portsOf({ HostConfig: host, NetworkSettings: network }: Docker.ContainerInspectInfo): Ports {
  const found = new Map<string, Ports[number]>();
  for (const [key, bindings] of [...Object.entries(host.PortBindings ?? {}), ...Object.entries(network?.Ports ?? {})]) {
    const [port, protocol] = key.split('/');
    if (protocol !== 'tcp' && protocol !== 'udp') continue;
    for (const { HostPort: hostPort } of (bindings ?? []) as { HostPort?: string }[]) {
      // Listening on an IPv4 and an IPv6 address is two bindings of one port.
      if (Number(hostPort) > 0)
        found.set(`${key}/${hostPort}`, { container: Number(port), host: Number(hostPort), protocol });
    }
  }
  return [...found.values()].sort(
    (a, b) => a.container - b.container || a.host - b.host || compareText(a.protocol, b.protocol),
  );
}

const states: ReadonlySet<string> = new Set([
  'created',
  'running',
  'paused',
  'restarting',
  'removing',
  'exited',
  'dead',
]);
const stateOf = (state: string): EngineContainer['state'] =>
  states.has(state) ? (state as EngineContainer['state']) : 'dead';

/** By the test of a container's or an image's configuration; the image's is part of the container's. */
export function hasHealthcheck(test: readonly string[] | undefined): boolean {
  const [way = 'NONE'] = test ?? [];
  return way !== 'NONE';
}

/** On the default network, or else on the first of its networks by name. */
function addressOf({ NetworkSettings: network }: Docker.ContainerInspectInfo): string {
  const named = Object.entries(network?.Networks ?? {}).sort(([a], [b]) => compareText(a, b));
  const addresses = [network?.Networks.bridge?.IPAddress ?? '', ...named.map(([, { IPAddress }]) => IPAddress)];
  return addresses.find((address) => address !== '') ?? '';
}

export function healthOf(health: string | undefined): EngineContainer['health'] {
  return health === 'starting' || health === 'healthy' || health === 'unhealthy' ? health : 'none';
}

/** The engine's nanoseconds cut to milliseconds, so that it parses everywhere. */
const timeOf = (time: string): string => (time === NEVER || time === '' ? '' : new Date(time).toISOString());
