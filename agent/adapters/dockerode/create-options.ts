import type Docker from 'dockerode';
import type { CreateContainer } from '../../ports/engine.ts';

const NANOS_PER_MS = 1e6;
const LOG_FILES = 2;

/** What `POST /containers/create` wants, from what we want. Our agent restarts containers, so the engine must not. */
export function createOptions(container: CreateContainer): Docker.ContainerCreateOptions {
  const { memoryBytes, cpuMilli, ports, volumes, files, logMaxBytes } = container;
  return {
    name: container.name,
    Image: container.image,
    ...(container.command === undefined ? {} : { Cmd: [...container.command] }),
    ...(container.entrypoint === undefined ? {} : { Entrypoint: [...container.entrypoint] }),
    Env: Object.entries(container.env).map(([key, value]) => `${key}=${value}`),
    Labels: { ...container.labels },
    ExposedPorts: Object.fromEntries(ports.map((port) => [`${port.container}/${port.protocol}`, {}])),
    ...(container.stopSignal === undefined ? {} : { StopSignal: container.stopSignal }),
    StopTimeout: seconds(container.stopGraceMs),
    ...healthcheck(container.health),
    HostConfig: {
      Memory: memoryBytes,
      // Equal to the memory: no swap on top of the limit.
      MemorySwap: memoryBytes,
      NanoCpus: cpuMilli * NANOS_PER_MS,
      PortBindings: portBindings(ports),
      Mounts: [
        ...volumes.map(({ name, target, readOnly }) => mount('volume', name, target, readOnly)),
        // Unlike `Binds`, this makes no directory of a source that is missing.
        ...files.map(({ source, target }) => mount('bind', source, target, true)),
      ],
      // A pid 1 that forwards signals and reaps children: without it a program that is not made for the part ignores SIGTERM.
      Init: true,
      RestartPolicy: { Name: 'no' },
      LogConfig: {
        Type: 'json-file',
        Config: { 'max-size': String(Math.floor(logMaxBytes / LOG_FILES)), 'max-file': String(LOG_FILES) },
      },
    },
  };
}

const mount = (type: 'volume' | 'bind', source: string, target: string, isReadOnly: boolean): Docker.MountSettings => ({
  Type: type,
  Source: source,
  Target: target,
  ReadOnly: isReadOnly,
});

/** The engine counts its own grace in whole seconds. */
export const seconds = (ms: number): number => Math.ceil(ms / 1_000);

function portBindings(ports: CreateContainer['ports']): Record<string, { HostPort: string }[]> {
  const bindings: Record<string, { HostPort: string }[]> = {};
  for (const { container, host, protocol } of ports) {
    const key = `${container}/${protocol}`;
    bindings[key] = [...(bindings[key] ?? []), { HostPort: String(host) }];
  }
  return bindings;
}

function healthcheck(health: CreateContainer['health']): Pick<Docker.ContainerCreateOptions, 'Healthcheck'> {
  if (health === undefined) return {};
  if (health === 'none') return { Healthcheck: { Test: ['NONE'] } };
  return {
    Healthcheck: {
      Test: ['CMD', ...health.command],
      Interval: health.intervalMs * NANOS_PER_MS,
      Timeout: health.timeoutMs * NANOS_PER_MS,
      Retries: health.retries,
      StartPeriod: health.startPeriodMs * NANOS_PER_MS,
    },
  };
}
