import { t } from '../../text/text.ts';
import { Panel } from '../../ui/panel.tsx';
import { Status } from '../../ui/status.tsx';
import { CapacityPlan } from './capacity-plan.tsx';
import type { Faults } from './check.ts';
import type { Request, Unread } from './draft.ts';

interface PlanPanelProps {
  readonly request: Request;
  readonly faults: Faults;
  /** Why the YAML is none. */
  readonly broken: string | undefined;
  readonly unread: Unread;
  readonly wasTried: boolean;
}

/** Before anything is done: what is wrong with the request, or where its replicas would fit. */
export function PlanPanel({ request, faults, broken, unread, wasTried }: PlanPanelProps) {
  const isFaulty = broken !== undefined || unread.size > 0 || faults.size > 0;
  return (
    <Panel title={t('plan.title')}>
      <div class="stack-tight" aria-live="polite">
        {broken !== undefined && <Status tone="bad">{broken}</Status>}
        {isFaulty && wasTried && broken === undefined && (
          <ul class="stack-tight">
            {[...faults].map(([pointer, words]) => (
              <li key={pointer} class="wrap">
                <Status tone="bad">
                  <code>{pointer === '' ? '/' : pointer}</code>
                </Status>{' '}
                {words}
              </li>
            ))}
          </ul>
        )}
        {isFaulty && !wasTried && <p class="muted">{t('plan.fill')}</p>}
        {!isFaulty && <CapacityPlan asked={sizeOf(request)} more={request.replicas ?? 1} />}
      </div>
    </Panel>
  );
}

function sizeOf({ spec, cluster }: Request): Record<string, string> {
  return {
    ...(spec?.memoryBytes === undefined ? {} : { memoryBytes: String(spec.memoryBytes) }),
    ...(spec?.cpuMilli === undefined ? {} : { cpuMilli: String(spec.cpuMilli) }),
    ...(cluster === undefined ? {} : { cluster }),
  };
}
