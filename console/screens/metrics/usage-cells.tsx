import { formatBytes, formatCores } from '../../format/quantity.ts';
import { TRAIL_SLOTS, type Trail } from '../../store/trails.ts';
import { t } from '../../text/text.ts';
import { Sparkline } from '../../ui/sparkline.tsx';

interface UsageCellProps {
  readonly trail: Trail | undefined;
  /** What the upper edge of the line stands for at least; 0: whatever was most. */
  readonly most: number;
}

const mostOf = (values: readonly (number | undefined)[], most: number): number =>
  Math.max(most, ...values.map((value) => value ?? 0));

export function CpuUsed({ trail, most }: UsageCellProps) {
  const now = trail?.cpuMilli.at(-1);
  if (trail === undefined || now === undefined) return <span class="muted">–</span>;
  return (
    <Sparkline
      label={t('metrics.cpuUsed')}
      values={trail.cpuMilli}
      slots={TRAIL_SLOTS}
      most={mostOf(trail.cpuMilli, most)}
      words={formatCores(now)}
    />
  );
}

export function MemoryUsed({ trail, most }: UsageCellProps) {
  const now = trail?.memoryBytes.at(-1);
  if (trail === undefined || now === undefined) return <span class="muted">–</span>;
  return (
    <Sparkline
      label={t('metrics.memoryUsed')}
      values={trail.memoryBytes}
      slots={TRAIL_SLOTS}
      most={mostOf(trail.memoryBytes, most)}
      words={formatBytes(Math.round(now))}
    />
  );
}
