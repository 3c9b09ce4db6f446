import manifest from '../package.json' with { type: 'json' };
import type { HostId } from '../protocol/ids.ts';
import { DockerEngine } from './adapters/dockerode/docker-engine.ts';
import { LevelStore } from './adapters/level/level-store.ts';
import { loadIdentity } from './adapters/libp2p/identity.ts';
import { createLibp2pTransport } from './adapters/libp2p/transport.ts';
import { createPinoLog } from './adapters/pino/pino-log.ts';
import { systemClock } from './adapters/system-clock.ts';
import { createMachine } from './adapters/systeminformation/machine.ts';
import { createApi } from './api/server.ts';
import { type AgentConfig, multiaddrOf } from './config.ts';
import { dataFiles, readMeshFile } from './data-dir.ts';
import { assemble } from './services/assemble.ts';
import * as gossipCodec from './services/codec/gossip.ts';
import { loadMesh } from './services/mesh/mesh-disk.ts';
import { startWatchdog } from './watchdog.ts';

/** A running agent. */
export interface Agent {
  readonly hostId: HostId;
  /** Stops in reverse order; containers go on. */
  stop(): Promise<void>;
}

/**
 * The composition root: makes the adapters, hands them to the services, starts everything in order. What was started
 * before a failure is stopped again.
 *
 * @throws ShoalError with the reason why the agent can't start
 */
export async function startAgent(config: AgentConfig): Promise<Agent> {
  const log = createPinoLog(config.logLevel);
  const started = new AsyncDisposableStack();
  try {
    const { meshId, name } = await readMeshFile(config.dataDir);
    const identity = await loadIdentity(dataFiles.identity(config.dataDir));
    const store = started.adopt(await LevelStore.open(dataFiles.store(config.dataDir)), (s) => s.close());
    const clock = systemClock;
    const transport = createLibp2pTransport({
      privateKey: identity.privateKey,
      meshId,
      listen: [multiaddrOf(config.mesh.address, config.mesh.port)],
      ...(config.advertise === undefined ? {} : { advertise: [multiaddrOf(config.advertise, config.mesh.port)] }),
      codec: gossipCodec,
      log,
      clock,
    });
    const services = assemble({
      meshId,
      name,
      agentVersion: manifest.version,
      identity,
      store,
      transport,
      engine: new DockerEngine(config.dockerSocket),
      machine: createMachine(),
      zone: config.zone,
      labels: config.labels,
      capacity: config.capacity,
      portRange: config.portRange,
      disk: await loadMesh(store, clock, log),
      clock,
      log,
    });
    await services.start();
    started.defer(() => services.stop());
    const api = await createApi({ platform: services.platform, log });
    started.defer(() => api.close());
    await api.listen({ host: config.api.address, port: config.api.port });
    started.defer(await startWatchdog());
    log.info({ hostId: identity.hostId, meshId, api: config.api, addresses: transport.addresses() }, 'the agent runs');
    return {
      hostId: identity.hostId,
      stop: () => started.disposeAsync(),
    };
  } catch (error) {
    await started.disposeAsync();
    throw error;
  }
}
