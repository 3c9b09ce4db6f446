import { t } from '../../text/text.ts';
import { closeDialog, openDialog } from '../../ui/dialog.tsx';

interface Secret {
  readonly title: string;
  readonly what: string;
  readonly secret: string;
}

/** Shows what is shown once, in place of the dialog that asked for it. */
export function showSecret(title: string, what: string, secret: string): void {
  openDialog(() => <SecretView title={title} what={what} secret={secret} />);
}

const SecretView = ({ title, what, secret }: Secret) => (
  <div>
    <h2 id="dialog-title">{title}</h2>
    <p>{what}</p>
    <pre class="note">{secret}</pre>
    <footer>
      <button type="button" class="primary" onClick={closeDialog}>
        {t('action.close')}
      </button>
    </footer>
  </div>
);
