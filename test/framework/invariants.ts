import type { MemoryHost } from './memory-host.ts';

/** What must hold on every engine at every moment, whoever deploys what and whatever fails. Empty when all is well. */
export function violations({ name, engine, memoryBytes }: MemoryHost): string[] {
  const found: string[] = [];
  const usedBytes = engine.containers.reduce((sum, container) => sum + container.memoryBytes, 0);
  if (usedBytes > memoryBytes) found.push(`${name} promised ${usedBytes} bytes of ${memoryBytes}`);
  const ports = engine.containers.flatMap((container) => container.ports.map((p) => `${p.host}/${p.protocol}`));
  const twice = ports.filter((port, index) => ports.indexOf(port) !== index);
  if (twice.length > 0) found.push(`${name} published ${twice.join(', ')} twice`);
  return found;
}
