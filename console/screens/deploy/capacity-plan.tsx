import { useEffect, useState } from 'preact/hooks';
import type { CapacityAnswer } from '../../../protocol/schemas/capacity.ts';
import type { Problem } from '../../../protocol/schemas/common.ts';
import { capacity } from '../../api/actions.ts';
import { problemOf } from '../../api/problem.ts';
import { t } from '../../text/text.ts';
import { ProblemBox } from '../../ui/problem-box.tsx';
import { Status } from '../../ui/status.tsx';

/** Typing goes on; the last word is asked about. Milliseconds. */
const PAUSE_MS = 250;
const HOSTS_MAX = 30;

interface CapacityPlanProps {
  /** Query of `GET /v1/capacity`. */
  readonly asked: Readonly<Record<string, string>>;
  /** Replicas that are to be added. */
  readonly more: number;
}

/** Before anything is done: where replicas would fit, and by which rule no more do. */
export function CapacityPlan({ asked, more }: CapacityPlanProps) {
  const [answer, setAnswer] = useState<CapacityAnswer>();
  const [problem, setProblem] = useState<Problem>();
  const question = new URLSearchParams(asked).toString();
  useEffect(() => {
    const over = new AbortController();
    const timer = setTimeout(() => {
      capacity(Object.fromEntries(new URLSearchParams(question)), over.signal)
        .then((found) => {
          setAnswer(found);
          setProblem(undefined);
        })
        .catch((error: unknown) => {
          if (!over.signal.aborted) setProblem(problemOf(error));
        });
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      over.abort();
    };
  }, [question]);
  if (problem !== undefined) return <ProblemBox problem={problem} />;
  if (answer === undefined) return <p class="muted">{t('state.loading')}</p>;
  const fits = answer.total >= more;
  const hosts = answer.hosts.toSorted((a, b) => b.replicas - a.replicas).slice(0, HOSTS_MAX);
  return (
    <div class="stack-tight">
      <Status tone={fits ? 'ok' : 'bad'}>
        {t(fits ? 'plan.fits' : 'plan.tooMany', { more, total: answer.total })}
      </Status>
      <ul class="plan">
        {hosts.map(({ hostId, hostName, zone, replicas, rule, detail }) => (
          <li key={hostId}>
            <strong>{hostName}</strong>
            <span>
              {replicas > 0 ? t('plan.room', { replicas }) : <Status tone="warn">{rule}</Status>}
              {zone !== '' && <span class="muted"> · {zone}</span>}
              <span class="muted small wrap"> {replicas > 0 ? '' : detail}</span>
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
