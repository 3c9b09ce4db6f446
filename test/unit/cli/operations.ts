import type { Digest } from '../../../protocol/digest.ts';
import type { HostId, OperationId } from '../../../protocol/ids.ts';
import type {
  AppOperation,
  ImageOperation,
  ImageOperationStep,
  OperationStep,
} from '../../../protocol/schemas/operation.ts';

export const OP = 'op_01JAAAAAAAAAAAAAAAAAAAAAAA' as OperationId;
export const HOST = '12D3KooWA' as HostId;

/** A deploy of shop/web with the given steps. */
export function deployOf(steps: readonly OperationStep[], change: Partial<AppOperation> = {}): AppOperation {
  return {
    id: OP,
    kind: 'deploy',
    state: 'running',
    group: 'shop',
    app: 'web',
    appUid: 'ap_1',
    cluster: 'default',
    version: 3,
    replicas: steps.length,
    createdAt: '2025-01-01T00:00:00.000Z',
    actor: 'admin',
    acceptedBy: HOST,
    decisions: [],
    failures: [],
    steps: [...steps],
    done: steps.filter(({ step }) => step === 'healthy').length,
    total: steps.length,
    ...change,
  };
}

/** A preheat of team/app with the given steps. */
export const preheatOf = (
  steps: readonly ImageOperationStep[],
  change: Partial<ImageOperation> = {},
): ImageOperation => ({
  id: OP,
  kind: 'preheat',
  state: 'running',
  image: { reference: 'team/app:1', repository: 'team/app', digest: `sha256:${'1'.repeat(64)}` as Digest },
  hosts: steps.map(({ hostId }) => hostId),
  results: [],
  createdAt: '2025-01-01T00:00:00.000Z',
  actor: 'admin',
  acceptedBy: HOST,
  steps: [...steps],
  done: steps.filter(({ step: name }) => name === 'done').length,
  total: steps.length,
  ...change,
});

export const hostStep = (
  hostName: string,
  name: ImageOperationStep['step'],
  more: Partial<ImageOperationStep> = {},
): ImageOperationStep => ({
  hostId: `12D3KooW${hostName}` as HostId,
  hostName,
  step: name,
  bytes: 0,
  totalBytes: 0,
  peers: 0,
  ...more,
});

export const step = (
  replica: number,
  name: OperationStep['step'],
  more: Partial<OperationStep> = {},
): OperationStep => ({
  replica,
  step: name,
  ...more,
});
