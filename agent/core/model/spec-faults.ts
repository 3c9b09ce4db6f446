import type { FieldFault } from '../../../protocol/errors.ts';
import { isImageReference } from '../../../protocol/image-reference.ts';
import { pointerPart } from '../../../protocol/json-pointer.ts';
import type { PortSpec, VersionSpec } from '../../../protocol/schemas/version.ts';
import { constraintFaults } from '../placement/constraints.ts';
import { pathFaults, pathParts } from './file-paths.ts';

/** Docker labels under this prefix are the agent's own. */
const RESERVED_LABELS = 'shoal.';

/** What is wrong with a spec beyond its schema: pointers into a command whose field `spec` it is. Empty when it is fine. */
export function specFaults(spec: VersionSpec, groupDefaultMemoryBytes: number | undefined): FieldFault[] {
  return [
    ...imageFaults(spec),
    ...memoryFaults(spec, groupDefaultMemoryBytes),
    ...portFaults(spec.ports ?? []),
    ...volumeFaults(spec),
    ...pathFaults(spec),
    ...perHostFaults(spec),
    ...healthFaults(spec),
    ...constraintFaults(spec.constraints ?? [], '/spec/constraints'),
    ...spreadFaults(spec),
    ...labelFaults(spec),
  ];
}

function imageFaults({ image }: VersionSpec): FieldFault[] {
  if (isImageReference(image)) return [];
  return [{ pointer: '/spec/image', detail: 'not an image reference like nginx:1.27 or registry.example/team/web:2' }];
}

function memoryFaults(spec: VersionSpec, groupDefaultMemoryBytes: number | undefined): FieldFault[] {
  if (spec.memoryBytes !== undefined || groupDefaultMemoryBytes !== undefined) return [];
  const detail = 'missing: give memoryBytes here or defaultMemoryBytes in the group';
  return [{ pointer: '/spec/memoryBytes', detail }];
}

const protocolOf = (port: PortSpec): string => port.protocol ?? 'tcp';

/** One container port is published once; one host port can't lead to two container ports. */
function portFaults(ports: readonly PortSpec[]): FieldFault[] {
  const faults: FieldFault[] = [];
  const inContainer = new Set<string>();
  const onHost = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const container = `${port.container}/${protocolOf(port)}`;
    if (inContainer.has(container)) {
      faults.push({ pointer: `/spec/ports/${index}/container`, detail: `port ${container} is published twice` });
    }
    inContainer.add(container);
    if (port.host === undefined) continue;
    const host = `${port.host}/${protocolOf(port)}`;
    if (onHost.has(host)) {
      faults.push({ pointer: `/spec/ports/${index}/host`, detail: `host port ${host} is used twice` });
    }
    onHost.add(host);
  }
  return faults;
}

/** Two volumes can't be mounted at one place; `/data` and `/data/` are one place. */
function volumeFaults(spec: VersionSpec): FieldFault[] {
  const faults: FieldFault[] = [];
  const targets = new Set<string>();
  for (const [index, volume] of (spec.volumes ?? []).entries()) {
    const pointer = `/spec/volumes/${index}/target`;
    const parts = pathParts(volume.target);
    const target = `/${parts.join('/')}`;
    if (parts.includes('..')) faults.push({ pointer, detail: 'must not contain ".."' });
    else if (target === '/') faults.push({ pointer, detail: "a volume can't be mounted at the root" });
    else if (targets.has(target)) faults.push({ pointer, detail: `${target} is mounted twice` });
    targets.add(target);
  }
  return faults;
}

function perHostFaults(spec: VersionSpec): FieldFault[] {
  const fixed = spec.ports?.find((port) => port.host !== undefined);
  if (fixed === undefined || spec.maxPerHost === undefined || spec.maxPerHost === 1) return [];
  const detail = `host port ${fixed.host} is fixed, so a host can run one replica: leave maxPerHost out or make it 1`;
  return [{ pointer: '/spec/maxPerHost', detail }];
}

function spreadFaults({ spread = [] }: VersionSpec): FieldFault[] {
  const labels = spread.map(({ label }) => label);
  return labels.flatMap((label, index) =>
    labels.indexOf(label) === index
      ? []
      : [{ pointer: `/spec/spread/${index}/label`, detail: `${label} is named twice` }],
  );
}

function healthFaults({ health }: VersionSpec): FieldFault[] {
  if (health === undefined) return [];
  const given = (['command', 'http', 'tcp', 'none'] as const).filter((way) => health[way] !== undefined);
  if (given.length === 1) return [];
  const pointer = given.length === 0 ? '/spec/health' : `/spec/health/${given[1]}`;
  return [{ pointer, detail: 'give exactly one of command, http, tcp and none' }];
}

function labelFaults(spec: VersionSpec): FieldFault[] {
  return Object.keys(spec.labels ?? {})
    .filter((label) => label.startsWith(RESERVED_LABELS))
    .map((label) => ({
      pointer: `/spec/labels/${pointerPart(label)}`,
      detail: `labels under ${RESERVED_LABELS} are Shoal's own`,
    }));
}
