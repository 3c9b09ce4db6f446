import { useEffect, useState } from 'preact/hooks';
import { setQuery } from '../../store/router.ts';
import { t } from '../../text/text.ts';
import { type LogChoice, sinceChoices, tailChoices } from './query-of.ts';

/** A filter is asked for once nobody types any more. Milliseconds. */
const TYPING_MS = 350;

interface LogChoicesProps {
  readonly choice: LogChoice;
  readonly replicas: readonly number[] | undefined;
  readonly hasTimes: boolean;
  readonly onDownload: () => Promise<void>;
}

/** What of the log is shown; all of it is in the address, so that it can be passed on. */
export function LogChoices({ choice, replicas, hasTimes, onDownload }: LogChoicesProps) {
  const [isBusy, setBusy] = useState(false);
  return (
    <div class="log-choices row">
      <Filter text={choice.q} />
      {replicas !== undefined && replicas.length > 1 && (
        <Choice
          name="replica"
          label={t('column.replica')}
          value={choice.replica}
          options={[
            ['', t('logs.allReplicas')],
            ...replicas.map((replica) => [String(replica), `#${replica}`] as const),
          ]}
        />
      )}
      <Choice
        name="since"
        label={t('time.from')}
        value={choice.since}
        options={sinceChoices.map((since) => [
          since,
          since === '' ? t('time.any') : since === 'custom' ? t('logs.sinceCustom') : t('time.last', { since }),
        ])}
      />
      {choice.since === 'custom' &&
        (['from', 'to'] as const).map((name) => (
          <input
            key={name}
            type="datetime-local"
            step="1"
            aria-label={t(`logs.${name}`)}
            title={t(`logs.${name}`)}
            value={choice[name]}
            onChange={({ currentTarget }) => setQuery({ [name]: currentTarget.value })}
          />
        ))}
      <Choice
        name="tail"
        label={t('logs.tail')}
        value={choice.tail}
        options={tailChoices.map((lines) => [lines, t('logs.tailLines', { lines })])}
      />
      <Choice
        name="stream"
        label={t('logs.stream')}
        value={choice.stream}
        options={[
          ['', t('logs.bothStreams')],
          ['stdout', 'stdout'],
          ['stderr', 'stderr'],
        ]}
      />
      <label class="row check">
        <input
          type="checkbox"
          checked={hasTimes}
          onChange={({ currentTarget }) => setQuery({ times: currentTarget.checked ? '' : 'no' })}
        />
        {t('logs.times')}
      </label>
      {replicas !== undefined && (
        <label class="row check" title={t('logs.previousWhat')}>
          <input
            type="checkbox"
            checked={choice.previous === 'true'}
            onChange={({ currentTarget }) => setQuery({ previous: currentTarget.checked ? 'true' : '' })}
          />
          {t('logs.previous')}
        </label>
      )}
      <button
        type="button"
        disabled={isBusy}
        onClick={() => {
          setBusy(true);
          void onDownload().finally(() => setBusy(false));
        }}
      >
        {isBusy ? t('state.working') : t('logs.download')}
      </button>
    </div>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [string, string])[];
}

const Choice = ({ name, label, value, options }: ChoiceProps) => (
  <select
    aria-label={label}
    title={label}
    value={value}
    onChange={({ currentTarget }) => setQuery({ [name]: currentTarget.value })}
  >
    {options.map(([option, words]) => (
      <option key={option} value={option}>
        {words}
      </option>
    ))}
  </select>
);

function Filter({ text }: { readonly text: string }) {
  const [typed, setTyped] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => typed !== text && setQuery({ q: typed }), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <input
      class="grow"
      type="search"
      maxLength={256}
      placeholder={t('logs.filter')}
      aria-label={t('logs.filter')}
      value={typed}
      onInput={({ currentTarget }) => setTyped(currentTarget.value)}
    />
  );
}
