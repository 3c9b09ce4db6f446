import type { Host } from '../../../protocol/schemas/host.ts';
import { formatBytes, formatCores } from '../../format/quantity.ts';
import { t } from '../../text/text.ts';
import { Meter } from '../../ui/meter.tsx';
import { Facts, Panel } from '../../ui/panel.tsx';

/** What hosts that live can carry, have promised, and hold for open auctions. */
export function CapacityPanel({ hosts }: { readonly hosts: readonly Host[] }) {
  const all = hosts.filter(({ status }) => status === 'alive').map(({ capacity }) => capacity);
  const sum = (of: (capacity: Host['capacity']) => number): number => all.reduce((total, one) => total + of(one), 0);
  const memory = {
    used: sum((c) => c.promisedBytes),
    held: sum((c) => c.heldBytes),
    total: sum((c) => c.allocatableBytes),
  };
  const cpu = { used: sum((c) => c.promisedCpuMilli), total: sum((c) => c.cpuMilli) };
  const memoryWords = t('capacity.of', { used: formatBytes(memory.used), total: formatBytes(memory.total) });
  const cpuWords = t('capacity.of', { used: formatCores(cpu.used), total: formatCores(cpu.total) });
  return (
    <Panel title={t('capacity.title')}>
      <div class="stack">
        <div>
          <h3>{t('capacity.memory')}</h3>
          <Meter label={t('capacity.memory')} {...memory} words={memoryWords} />
        </div>
        <div>
          <h3>{t('capacity.cpu')}</h3>
          <Meter label={t('capacity.cpu')} {...cpu} words={cpuWords} />
        </div>
        <Facts
          facts={[
            [t('capacity.free'), formatBytes(Math.max(0, memory.total - memory.used - memory.held))],
            [t('capacity.held'), formatBytes(memory.held)],
            [t('capacity.reserve'), formatBytes(sum((c) => c.reserveBytes))],
            [t('capacity.unmanaged'), formatBytes(sum((c) => c.unmanagedBytes))],
          ]}
        />
      </div>
    </Panel>
  );
}
