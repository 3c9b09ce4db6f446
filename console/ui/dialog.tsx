import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Problem } from '../../protocol/schemas/common.ts';
import { problemOf } from '../api/problem.ts';
import { t } from '../text/text.ts';
import { ProblemBox } from './problem-box.tsx';

const shown = signal<(() => ComponentChildren) | undefined>(undefined);

/** Opens a dialog above everything; there is one at a time. */
export function openDialog(content: () => ComponentChildren): void {
  shown.value = content;
}

export function closeDialog(): void {
  shown.value = undefined;
}

/** The place where dialogs appear. The browser keeps the focus inside, and gives it back. */
export function DialogPlace() {
  const content = shown.value;
  const ref = useRef<HTMLDialogElement>(null);
  /** Closes of ours that the browser has not told of yet: it does later, and by then another dialog may be open. */
  const untold = useRef(0);
  useEffect(() => {
    const dialog = ref.current;
    if (content !== undefined && dialog?.open === false) dialog.showModal();
    if (content !== undefined || dialog?.open !== true) return;
    untold.current += 1;
    dialog.close();
  }, [content]);
  const onClose = (): void => {
    if (untold.current === 0) closeDialog();
    else untold.current -= 1;
  };
  // Whoever goes elsewhere, by the browser's buttons say, has dropped the question.
  useEffect(() => {
    window.addEventListener('hashchange', closeDialog);
    return () => window.removeEventListener('hashchange', closeDialog);
  }, []);
  return (
    <dialog ref={ref} onClose={onClose} aria-labelledby="dialog-title">
      {content?.()}
    </dialog>
  );
}

interface ActionDialogProps {
  readonly title: string;
  readonly action: string;
  readonly isDanger?: boolean;
  readonly canAct?: boolean;
  /** Sends the change. What it throws stays in the dialog; a dialog that it opens takes this one's place. */
  readonly onAct: () => Promise<unknown>;
  readonly children?: ComponentChildren;
}

/** Asks before something is done, and stays with the reason when it fails. */
export function ActionDialog({ title, action, isDanger, canAct = true, onAct, children }: ActionDialogProps) {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const asked = shown.peek();
    setBusy(true);
    setProblem(undefined);
    try {
      await onAct();
      if (shown.peek() === asked) closeDialog();
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <h2 id="dialog-title">{title}</h2>
      {children}
      {problem !== undefined && <ProblemBox problem={problem} />}
      <footer>
        <button type="button" onClick={closeDialog}>
          {t('action.cancel')}
        </button>
        <button type="submit" class={isDanger ? 'danger' : 'primary'} disabled={isBusy || !canAct}>
          {isBusy ? t('state.working') : action}
        </button>
      </footer>
    </form>
  );
}
