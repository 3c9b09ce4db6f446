import type { ComponentChildren } from 'preact';
import type { Problem } from '../../protocol/schemas/common.ts';
import { nextStep } from '../format/next-step.ts';
import { t } from '../text/text.ts';
import { Icon } from './icon.tsx';

interface ProblemBoxProps {
  readonly problem: Problem;
  readonly children?: ComponentChildren;
}

/** What went wrong, where, and what to do next. It stays beside what failed. */
export function ProblemBox({ problem, children }: ProblemBoxProps) {
  return (
    <div class="problem" role="alert">
      <Icon name="warning" />
      <div class="grow">
        <strong>{problem.title}</strong>
        <p>{problem.detail}</p>
        {problem.errors !== undefined && (
          <ul>
            {problem.errors.map(({ pointer, detail }) => (
              <li key={pointer}>
                <code>{pointer}</code> {detail}
              </li>
            ))}
          </ul>
        )}
        <p class="muted small">
          {t(nextStep(problem))} <code>{problem.code}</code>{' '}
          {problem.instance !== undefined && <code>{problem.instance}</code>}
        </p>
        {children}
      </div>
    </div>
  );
}
