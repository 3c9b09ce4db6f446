import { t } from '../../text/text.ts';
import { Panel } from '../../ui/panel.tsx';
import { Status } from '../../ui/status.tsx';
import type { Faults } from './check.ts';
import type { Unread } from './draft.ts';
import { PlanView } from './plan-view.tsx';
import type { Planned } from './use-plan.ts';

interface PlanPanelProps {
  readonly planned: Planned;
  readonly faults: Faults;
  /** Why the YAML is none. */
  readonly broken: string | undefined;
  readonly unread: Unread;
  readonly wasTried: boolean;
}

/** Before anything is done: what is wrong with the request, or what the mesh would make of it. */
export function PlanPanel({ planned, faults, broken, unread, wasTried }: PlanPanelProps) {
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
        {!isFaulty && <PlanView planned={planned} />}
      </div>
    </Panel>
  );
}
