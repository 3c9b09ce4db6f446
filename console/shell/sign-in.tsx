import { useState } from 'preact/hooks';
import type { Problem } from '../../protocol/schemas/common.ts';
import { problemOf } from '../api/problem.ts';
import { signInWith } from '../api/sign-in.ts';
import { wasRefused } from '../store/session.ts';
import { t } from '../text/text.ts';
import { Field } from '../ui/field.tsx';
import { ProblemBox } from '../ui/problem-box.tsx';
import { LanguageChoice, ThemeChoice } from './preferences.tsx';

/** Asks for the API token, once for this tab. */
export function SignIn() {
  const [value, setValue] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      await signInWith(value.trim());
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <main class="sign-in">
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <div class="row spread">
          <span class="brand">
            <img src="./icon.svg" alt="" />
            Shoal
          </span>
          <span class="row">
            <LanguageChoice />
            <ThemeChoice />
          </span>
        </div>
        <h1>{t('signIn.title')}</h1>
        {wasRefused.value && problem === undefined && <p class="note">{t('signIn.again')}</p>}
        <Field label={t('signIn.token')} hint={t('signIn.hint')}>
          {(ties) => (
            <input
              {...ties}
              type="password"
              autocomplete="current-password"
              name="token"
              spellcheck={false}
              value={value}
              required
              onInput={({ currentTarget }) => setValue(currentTarget.value)}
            />
          )}
        </Field>
        {problem !== undefined && <ProblemBox problem={problem} />}
        <button type="submit" class="primary" disabled={isBusy || value.trim() === ''}>
          {isBusy ? t('state.working') : t('signIn.action')}
        </button>
        <p class="muted small">
          {t('signIn.where')} <code>shoal agent init</code>
        </p>
      </form>
    </main>
  );
}
