import type { HostId, OperationId } from '../../../protocol/ids.ts';
import type { Operation, OperationStep } from '../../../protocol/schemas/operation.ts';

export const OP = 'op_01JAAAAAAAAAAAAAAAAAAAAAAA' as OperationId;
export const HOST = '12D3KooWA' as HostId;

/** A deploy of shop/web with the given steps. */
export function deployOf(steps: readonly OperationStep[], change: Partial<Operation> = {}): Operation {
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

export const step = (
  replica: number,
  name: OperationStep['step'],
  more: Partial<OperationStep> = {},
): OperationStep => ({
  replica,
  step: name,
  ...more,
});
