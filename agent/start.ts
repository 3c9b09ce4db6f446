import { readFile, statfs } from 'node:fs/promises';
import manifest from '../package.json' with { type: 'json' };
import { ShoalError } from '../protocol/errors.ts';
import type { HostId } from '../protocol/ids.ts';
import { NetCollectors } from './adapters/collector/net-collectors.ts';
import { DiskFolder } from './adapters/disk-folder.ts';
import { DiskMountFiles } from './adapters/disk-mount-files.ts';
import { DockerEngine } from './adapters/dockerode/docker-engine.ts';
import { LevelStore } from './adapters/level/level-store.ts';
import { type HostIdentity, loadIdentity } from './adapters/libp2p/identity.ts';
import { createLibp2pTransport } from './adapters/libp2p/transport.ts';
import { makePrivateDirectory } from './adapters/local-files.ts';
import { createPinoLog } from './adapters/pino/pino-log.ts';
import { NetProber } from './adapters/probe/net-prober.ts';
import { createUsageMeter } from './adapters/proc/usage-meter.ts';
import { systemClock } from './adapters/system-clock.ts';
import { createMachine } from './adapters/systeminformation/machine.ts';
import { createApi } from './api/server.ts';
import type { Api } from './api/typed.ts';
import { apiAddress } from './api-address.ts';
import { type AgentConfig, multiaddrOf } from './config.ts';
import { readConsoleFiles } from './console-files.ts';
import { keys } from './core/catalog/keys.ts';
import { dataFiles, readMeshFile, readMeshKey } from './data-dir.ts';
import type { ListenAt } from './image-thread-contract.ts';
import type { Log } from './ports/log.ts';
import { assemble } from './services/assemble.ts';
import * as gossipCodec from './services/codec/gossip.ts';
import { loadMesh } from './services/mesh/mesh-disk.ts';
import { type ImageThread, startImageThread } from './start-image-thread.ts';
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
    const disk = await loadMesh(store, clock, log);
    if (disk.catalog.records.get(keys.member(identity.hostId)) === undefined) throw lostOnDisk(config.dataDir);
    const thread = started.adopt(await startImages(config, identity, log), (images) => images.stop());
    const services = assemble({
      meshId,
      name,
      agentVersion: manifest.version,
      identity,
      store,
      transport,
      engine: new DockerEngine(config.dockerSocket),
      machine: createMachine(),
      prober: new NetProber(),
      mountFiles: new DiskMountFiles(dataFiles.files(config.dataDir)),
      meter: createUsageMeter(),
      zone: config.zone,
      labels: config.labels,
      capacity: config.capacity,
      portRange: config.portRange,
      api: () => apiAddress(config.api, transport.addresses()),
      disk,
      clock,
      log,
      blobs: thread.blobs,
      registryHost: thread.registryAddress && hostOf(thread.registryAddress),
      meshKey: await readMeshKey(config.dataDir),
      folders: {
        recordings: new DiskFolder(dataFiles.recordings(config.dataDir)),
        lastOutput: new DiskFolder(dataFiles.lastOutput(config.dataDir)),
        forward: new DiskFolder(dataFiles.forward(config.dataDir)),
      },
      collectors: new NetCollectors(),
    });
    await services.start();
    started.defer(() => services.stop());
    thread.serveBackend(services.registry);
    started.defer(() => thread.stopServing());
    const api = await createApi({ platform: services.platform, log, console: await readConsoleFiles() });
    started.defer(() => api.close());
    await listen(api, config.api);
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

/** The thread that handles the bytes of images. */
async function startImages(config: AgentConfig, identity: HostIdentity, log: Log): Promise<ImageThread> {
  const directory = dataFiles.images(config.dataDir);
  await makePrivateDirectory(directory);
  const { registry, mirror, secure, pieces, quotaBytes, proxies } = config.images;
  return startImageThread({
    directory,
    quotaBytes: quotaBytes ?? (await quarterOfDisk(directory)),
    reserveBytes: undefined,
    privateKey: identity.privateKey,
    pieces,
    registry,
    mirror,
    secure: secure && (await withCertificate(secure)),
    proxies,
    logLevel: config.logLevel,
    log,
  });
}

async function withCertificate({ certFile, keyFile, ...place }: NonNullable<AgentConfig['images']['secure']>) {
  const [cert, key] = await Promise.all([readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')]);
  return { ...place, cert, key };
}

async function quarterOfDisk(path: string): Promise<number> {
  const { blocks, bsize } = await statfs(path);
  return Math.floor((blocks * bsize) / 4);
}

const hostOf = ({ address, port }: ListenAt): string => `${address.includes(':') ? `[${address}]` : address}:${port}`;

/** It would be a stranger to all others, and they to it. */
const lostOnDisk = (dataDir: string): ShoalError => {
  const next = 'Evict the host, remove the directory, and join again.';
  return new ShoalError('not-found', `${dataDir} has lost the key or the database of this host. ${next}`);
};

async function listen(api: Api, { address, port }: AgentConfig['api']): Promise<void> {
  try {
    await api.listen({ host: address, port });
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    throw new ShoalError('conflict', `Cannot serve the API: ${words}. SHOAL_API_LISTEN names another address.`, {
      cause,
    });
  }
}
