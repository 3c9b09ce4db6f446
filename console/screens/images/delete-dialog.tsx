import { useState } from 'preact/hooks';
import { t } from '../../text/text.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';

interface Props {
  readonly title: string;
  readonly action: string;
  readonly what: string;
  /** To be typed first, where much goes. */
  readonly name?: string;
  readonly onDelete: (isForced: boolean) => Promise<unknown>;
}

/** Asks before images go; those that a version of an app or another image needs go only when that is said. */
export function DeleteDialog({ onDelete, ...asked }: Props) {
  const [isForced, setForced] = useState(false);
  return (
    <ConfirmDialog {...asked} onAct={() => onDelete(isForced)}>
      <label class="row check">
        <input type="checkbox" checked={isForced} onChange={({ currentTarget }) => setForced(currentTarget.checked)} />
        {t('images.force')}
      </label>
    </ConfirmDialog>
  );
}
