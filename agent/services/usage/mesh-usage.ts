import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { type ErrorCode, ShoalError } from '../../../protocol/errors.ts';
import type { ContainerId, HostId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import { ContainerIdSchema } from '../../../protocol/schemas/common.ts';
import type { Container } from '../../../protocol/schemas/host.ts';
import { type Usage, UsageHistory, type UsagePoint } from '../../../protocol/schemas/usage.ts';
import type { Transport } from '../../ports/transport.ts';
import { decodeJson, encodeJson } from '../catalog/record-body.ts';
import type { MeshView } from '../view/mesh-view.ts';
import type { Newest, UsageSampler } from './sampler.ts';

/** Who does not answer by then is named as missing. Milliseconds. */
const NOW_MS = 1_500;
const HISTORY_MS = 5_000;

const Sample = Type.Tuple([Type.Number(), Type.Number(), Type.Number(), Type.Number(), Type.Number(), Type.Number()]);
const NewestShape = Type.Object({ atMs: Type.Number(), sample: Sample });
const Now = Type.Object({
  host: Type.Optional(NewestShape),
  containers: Type.Array(Type.Object({ id: ContainerIdSchema, newest: NewestShape }), {
    maxItems: limits.containersPerHost,
  }),
});
type Now = Type.Static<typeof Now>;
const Asked = Type.Object({
  containerId: Type.Optional(ContainerIdSchema),
  sinceMs: Type.Number(),
  stepMs: Type.Optional(Type.Integer({ minimum: 1 })),
});
type Asked = Type.Static<typeof Asked>;
const [nowShape, askedShape, historyShape] = [Compile(Now), Compile(Asked), Compile(UsageHistory)];

export interface MeshUsageParts {
  readonly transport: Transport;
  readonly sampler: UsageSampler;
  readonly view: Pick<MeshView, 'hosts'>;
  readonly containers: () => readonly Container[];
}

/** What all hosts and containers use, asked of the hosts when somebody wants to know: numbers are not gossiped. */
export class MeshUsage {
  readonly #parts: MeshUsageParts;

  constructor(parts: MeshUsageParts) {
    this.#parts = parts;
    const { transport, sampler } = parts;
    transport.handle('usage.now', async () => encodeJson(nowOf(sampler)));
    transport.handle('usage.history', async (_from, body) => {
      const { containerId, sinceMs, stepMs } = decodeJson<Asked>(body, (v) => askedShape.Check(v), 'usage request');
      return encodeJson(sampler.history(containerId as ContainerId | undefined, sinceMs, stepMs));
    });
  }

  /** @throws ShoalError not-found, host-unreachable, timeout */
  async history(hostId: HostId, asked: Asked): Promise<UsageHistory> {
    const { transport, sampler } = this.#parts;
    if (hostId === transport.hostId) {
      return sampler.history(asked.containerId as ContainerId | undefined, asked.sinceMs, asked.stepMs);
    }
    const body = await transport.call(hostId, 'usage.history', encodeJson(asked), { timeoutMs: HISTORY_MS });
    return decodeJson<UsageHistory>(body, (value) => historyShape.Check(value), 'usage history');
  }

  /** The newest of everything. Hosts are asked at once. */
  async now(): Promise<Usage> {
    const { view, containers } = this.#parts;
    const usage: Usage = { hosts: [], containers: [], missing: [] };
    const byId = new Map(containers().map((container) => [container.id, container]));
    const asked = view.hosts().filter(({ status }) => status !== 'left');
    await Promise.all(
      asked.map(async ({ hostId, name, status }) => {
        try {
          if (status === 'dead') throw new ShoalError('host-unreachable', 'It is dead.');
          const now = await this.#nowOf(hostId);
          if (now.host !== undefined) usage.hosts.push({ ...pointOf(now.host), hostId, hostName: name });
          for (const { id, newest } of now.containers) {
            const known = byId.get(id);
            if (known?.hostId !== hostId) continue;
            const { name: container, memoryBytes: memoryLimitBytes, group, app } = known;
            const names = { containerId: id, container, group, app, hostId, hostName: name };
            usage.containers.push({ ...pointOf(newest), ...names, memoryLimitBytes });
          }
        } catch (error) {
          const code: ErrorCode = error instanceof ShoalError ? error.code : 'internal';
          usage.missing.push({ hostId, hostName: name, code });
        }
      }),
    );
    const by = (a: { hostName: string }, b: { hostName: string }) => (a.hostName < b.hostName ? -1 : 1);
    usage.hosts.sort(by);
    usage.containers.sort((a, b) => (a.container < b.container ? -1 : 1));
    return usage;
  }

  async #nowOf(hostId: HostId): Promise<Now> {
    const { transport, sampler } = this.#parts;
    if (hostId === transport.hostId) return nowOf(sampler);
    const body = await transport.call(hostId, 'usage.now', encodeJson({}), { timeoutMs: NOW_MS });
    return decodeJson<Now>(body, (value) => nowShape.Check(value), 'usage');
  }
}

function nowOf(sampler: UsageSampler): Now {
  const wire = ({ atMs, sample }: Newest) => ({
    atMs,
    sample: [...sample] as [number, number, number, number, number, number],
  });
  return {
    ...(sampler.host === undefined ? {} : { host: wire(sampler.host) }),
    containers: [...sampler.containers].map(([id, newest]) => ({ id, newest: wire(newest) })),
  };
}

function pointOf({ atMs, sample }: Now['containers'][number]['newest']): UsagePoint {
  const [cpuMilli, memoryBytes, receivedBytesPerS, sentBytesPerS, readBytesPerS, writtenBytesPerS] = sample;
  return {
    at: new Date(atMs).toISOString(),
    cpuMilli,
    memoryBytes,
    receivedBytesPerS,
    sentBytesPerS,
    readBytesPerS,
    writtenBytesPerS,
  };
}
