import Type from 'typebox';
import { limits } from '../limits.ts';
import { Bytes, CpuMilli, HostIdSchema, memoryLimit, Name } from './common.ts';
import { RefusalRule } from './operation.ts';

/** How large a replica is: by numbers, or by an app's latest version. */
export const CapacityRequest = Type.Object(
  {
    memoryBytes: Type.Optional(memoryLimit()),
    cpuMilli: Type.Optional(CpuMilli),
    cluster: Type.Optional(Name),
    app: Type.Optional(
      Type.String({
        pattern: '^[a-z0-9][a-z0-9-]{0,62}/[a-z0-9][a-z0-9-]{0,62}$',
        description: 'GROUP/APP: its latest version with all its rules, instead of numbers',
      }),
    ),
  },
  { additionalProperties: false },
);
export type CapacityRequest = Type.Static<typeof CapacityRequest>;

/** How many more replicas fit, by host with the rule that limits it, as the answering member sees the mesh. */
export const CapacityAnswer = Type.Object(
  {
    memoryBytes: Bytes,
    cpuMilli: CpuMilli,
    cluster: Name,
    total: Type.Integer({ minimum: 0 }),
    hosts: Type.Array(
      Type.Object({
        hostId: HostIdSchema,
        hostName: Type.String(),
        zone: Type.String(),
        replicas: Type.Integer({ minimum: 0 }),
        rule: RefusalRule,
        detail: Type.String(),
        allocatableBytes: Bytes,
        promisedBytes: Bytes,
        heldBytes: Bytes,
      }),
      { maxItems: limits.members },
    ),
  },
  { $id: 'CapacityAnswer' },
);
export type CapacityAnswer = Type.Static<typeof CapacityAnswer>;
