import { useState } from 'preact/hooks';
import type { Problem } from '../../../protocol/schemas/common.ts';
import type { Container } from '../../../protocol/schemas/host.ts';
import type { ShellSession, ShellTicket } from '../../../protocol/schemas/shell.ts';
import { openShell } from '../../api/actions.ts';
import { problemOf } from '../../api/problem.ts';
import { useList, usePolling } from '../../store/resource.ts';
import { t } from '../../text/text.ts';
import { Age } from '../../ui/age.tsx';
import { Field } from '../../ui/field.tsx';
import { Empty, Panel } from '../../ui/panel.tsx';
import { ProblemBox } from '../../ui/problem-box.tsx';
import { ReadingView } from '../../ui/reading.tsx';
import { Status } from '../../ui/status.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { RecordingsPanel } from './recordings-panel.tsx';
import { wordsOf } from './words-of.ts';

interface ChooserProps {
  readonly container: Container;
  readonly onOpened: (ticket: ShellTicket) => void;
  readonly onJoin: (sessionId: string) => void;
  readonly onPlay: (recordingId: string) => void;
}

/** Nobody announces that sessions come and go. Milliseconds. */
const POLL_MS = 3_000;
const USER = /^([a-zA-Z0-9_][a-zA-Z0-9_.:-]{0,63})?$/;

/** What a shell is to run, as whom; and the sessions that there are. */
export function ShellChooser({ container, onOpened, onJoin, onPlay }: ChooserProps) {
  const [command, setCommand] = useState('');
  const [user, setUser] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const words = wordsOf(command);
  const isUser = USER.test(user);
  const open = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (words === undefined) return;
    setBusy(true);
    setProblem(undefined);
    try {
      const request = {
        tty: true,
        ...(words.length === 0 ? {} : { command: [...words] }),
        ...(user === '' ? {} : { user }),
      };
      onOpened(await openShell(container.id, request));
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class="columns">
      <div class="stack">
        <SessionsPanel containerId={container.id} onJoin={onJoin} />
        <RecordingsPanel containerId={container.id} onPlay={onPlay} />
      </div>
      <Panel title={t('terminal.new')}>
        <form class="stack" onSubmit={(event) => void open(event)}>
          <Field
            label={t('deploy.command')}
            hint={t('terminal.commandHint')}
            fault={words === undefined ? t('terminal.quoteFault') : undefined}
          >
            {(ties) => (
              <input
                {...ties}
                class="mono"
                name="command"
                spellcheck={false}
                autocapitalize="off"
                value={command}
                onInput={({ currentTarget }) => setCommand(currentTarget.value)}
              />
            )}
          </Field>
          <Field
            label={t('terminal.user')}
            hint={t('terminal.userHint')}
            fault={isUser ? undefined : t('terminal.userFault')}
          >
            {(ties) => (
              <input
                {...ties}
                class="mono"
                name="user"
                spellcheck={false}
                autocapitalize="off"
                value={user}
                onInput={({ currentTarget }) => setUser(currentTarget.value)}
              />
            )}
          </Field>
          {problem !== undefined && <ProblemBox problem={problem} />}
          <button
            type="submit"
            class="primary"
            disabled={isBusy || words === undefined || !isUser || container.phase !== 'running'}
          >
            {isBusy ? t('state.working') : t('terminal.openIt')}
          </button>
          {container.phase !== 'running' && <p class="muted small">{t('terminal.notRunning')}</p>}
        </form>
      </Panel>
    </div>
  );
}

function SessionsPanel({
  containerId,
  onJoin,
}: {
  readonly containerId: string;
  readonly onJoin: (id: string) => void;
}) {
  const path = `/v1/containers/${encodeURIComponent(containerId)}/shells`;
  const reading = useList<ShellSession>(path, ['containers'], ({ id }) => id);
  usePolling(path, POLL_MS);
  return (
    <Panel title={t('terminal.sessions')} isFlush>
      <ReadingView of={reading}>
        {(sessions) =>
          sessions.length === 0 ? (
            <Empty title={t('terminal.none')}>{t('terminal.noneWhat')}</Empty>
          ) : (
            <Table caption={t('terminal.sessions')} columns={columns(onJoin)} items={sessions} keyOf={({ id }) => id} />
          )
        }
      </ReadingView>
    </Panel>
  );
}

const columns = (onJoin: (id: string) => void): readonly Column<ShellSession>[] => [
  { label: t('deploy.command'), cell: ({ command }) => <code class="wrap">{command.join(' ')}</code> },
  {
    label: t('column.state'),
    cell: ({ state, exitCode }) =>
      state === 'open' ? (
        <Status tone="ok">{t('terminal.open')}</Status>
      ) : (
        <Status tone="idle">{t('terminal.ended', { code: exitCode ?? '' })}</Status>
      ),
  },
  { label: t('terminal.user'), cell: ({ user }) => user ?? '–' },
  { label: t('column.by'), cell: ({ openedBy }) => <span class="wrap">{openedBy}</span> },
  { label: t('column.since'), cell: ({ openedAt }) => <Age at={openedAt} /> },
  { label: t('terminal.viewers'), isNumber: true, cell: ({ viewers }) => viewers },
  {
    label: t('column.actions'),
    isActions: true,
    cell: ({ id, state }) =>
      state === 'open' && (
        <button type="button" onClick={() => onJoin(id)}>
          {t('terminal.join')}
        </button>
      ),
  },
];
