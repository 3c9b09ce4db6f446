import { useEffect, useState } from 'preact/hooks';
import type { Problem } from '../../../protocol/schemas/common.ts';
import type { DeploymentPlan } from '../../../protocol/schemas/plan.ts';
import { planDeployment } from '../../api/actions.ts';
import { problemOf } from '../../api/problem.ts';

/** Typing goes on; the last word is asked about. Milliseconds. */
const PAUSE_MS = 300;

/** What the mesh says of a deployment before it is made. */
export interface Planned {
  /** The newest there is; of an earlier request while `isOld`. */
  readonly plan: DeploymentPlan | undefined;
  readonly isOld: boolean;
  /** Why this request would be refused. */
  readonly problem: Problem | undefined;
}

interface Answer {
  readonly question: string;
  readonly plan?: DeploymentPlan | undefined;
  readonly problem?: Problem;
}

/** Asks what a deployment would do, a moment after the last change of it; answers to earlier requests are dropped. */
export function usePlan(
  app: { readonly group: string; readonly app: string },
  body: object | undefined,
  withGroup = false,
): Planned {
  const [answer, setAnswer] = useState<Answer>();
  const question = body === undefined ? undefined : JSON.stringify({ app, body, withGroup });
  useEffect(() => {
    if (question === undefined) return;
    const over = new AbortController();
    const timer = setTimeout(() => {
      planDeployment(JSON.parse(question), over.signal)
        .then((plan) => over.signal.aborted || setAnswer({ question, plan }))
        .catch((error: unknown) => over.signal.aborted || setAnswer({ question, problem: problemOf(error) }));
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      over.abort();
    };
  }, [question]);
  const isOld = answer?.question !== question;
  return { plan: answer?.plan, isOld, problem: isOld ? undefined : answer?.problem };
}
