import type { ComponentChildren } from 'preact';
import type { Reading } from '../store/resource.ts';
import { t } from '../text/text.ts';
import { ProblemBox } from './problem-box.tsx';

interface ReadingViewProps<T> {
  readonly of: Reading<T>;
  readonly children: (value: T) => ComponentChildren;
}

/** Shows what was read, why it could not be, or that it is on its way. What was read before stays beside a problem. */
export function ReadingView<T>({ of: { value, problem }, children }: ReadingViewProps<T>) {
  return (
    <>
      {problem !== undefined && <ProblemBox problem={problem} />}
      {value !== undefined && children(value)}
      {value === undefined && problem === undefined && (
        <p class="empty" role="status">
          {t('state.loading')}
        </p>
      )}
    </>
  );
}
