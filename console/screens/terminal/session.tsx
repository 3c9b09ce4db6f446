import { useEffect, useRef, useState } from 'preact/hooks';
import type { Problem } from '../../../protocol/schemas/common.ts';
import type { ShellTicket } from '../../../protocol/schemas/shell.ts';
import { closeShell } from '../../api/actions.ts';
import { problemOf } from '../../api/problem.ts';
import type { Tone } from '../../format/tone.ts';
import { ShellAttachment, type ShellState } from '../../store/shell-attachment.ts';
import type { MessageKey } from '../../text/messages.ts';
import { t } from '../../text/text.ts';
import { ProblemBox } from '../../ui/problem-box.tsx';
import { Status } from '../../ui/status.tsx';
import { TerminalView } from './terminal.ts';

interface SessionViewProps {
  readonly containerId: string;
  readonly sessionId: string;
  readonly first: ShellTicket | undefined;
  readonly onLeave: () => void;
}

const shown: Readonly<Record<ShellState['type'], { readonly tone: Tone; readonly word: MessageKey }>> = {
  connecting: { tone: 'busy', word: 'terminal.connecting' },
  open: { tone: 'ok', word: 'terminal.open' },
  reconnecting: { tone: 'warn', word: 'terminal.reconnecting' },
  ended: { tone: 'idle', word: 'terminal.ended' },
  failed: { tone: 'bad', word: 'terminal.failed' },
};

/** One session in a terminal. Leaving it lets it go on; closing it ends the process. */
export function SessionView({ containerId, sessionId, first, onLeave }: SessionViewProps) {
  const place = useRef<HTMLDivElement>(null);
  const exit = useRef<HTMLButtonElement>(null);
  const [attachment, setAttachment] = useState<ShellAttachment>();
  const [terminal, setTerminal] = useState<TerminalView>();
  const [problem, setProblem] = useState<Problem>();
  const [lost, setLost] = useState(0);
  const [wasIgnored, setIgnored] = useState(false);

  useEffect(() => {
    if (place.current === null) return;
    let attached: ShellAttachment | undefined;
    let size = { cols: 80, rows: 24 };
    const view = new TerminalView(place.current, {
      input: (bytes) => setIgnored(attached?.input(bytes) === false),
      resize: (cols, rows) => {
        size = { cols, rows };
        attached?.resize(cols, rows);
      },
      leave: () => exit.current?.focus(),
    });
    attached = new ShellAttachment(containerId, sessionId, first, {
      output: (bytes) => view.output(bytes),
      attached: (isReplay, lostBytes) => {
        view.attached(isReplay, lostBytes);
        setLost(lostBytes);
      },
    });
    attached.resize(size.cols, size.rows);
    view.focus();
    setTerminal(view);
    setAttachment(attached);
    return () => {
      attached.stop();
      view.dispose();
    };
  }, [containerId, sessionId]);

  const state = attachment?.state.value ?? { type: 'connecting' };
  const isOver = state.type === 'ended' || state.type === 'failed';
  const end = async (): Promise<void> => {
    try {
      await closeShell(containerId, sessionId);
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  return (
    <div class="stack-tight">
      <div class="row">
        <span role="status">
          <Status tone={shown[state.type].tone}>
            {t(shown[state.type].word, { code: state.type === 'ended' ? state.code : '' })}
          </Status>
        </span>
        {first?.isRecorded === true && <Status tone="warn">{t('terminal.recorded')}</Status>}
        <span class="grow muted small">{t('terminal.keys')}</span>
        <label class="row check">
          <input
            type="checkbox"
            onChange={({ currentTarget }) => {
              if (terminal !== undefined) terminal.isReadOut = currentTarget.checked;
            }}
          />
          {t('terminal.readOut')}
        </label>
        <button ref={exit} type="button" onClick={onLeave} title={t('terminal.leaveWhat')}>
          {t(isOver ? 'terminal.another' : 'terminal.leave')}
        </button>
        {!isOver && (
          <button type="button" class="danger" onClick={() => void end()}>
            {t('terminal.end')}
          </button>
        )}
      </div>
      {problem !== undefined && <ProblemBox problem={problem} />}
      {state.type === 'failed' && <ProblemBox problem={state.problem} />}
      {lost > 0 && <p class="note">{t('terminal.lost', { bytes: lost })}</p>}
      {wasIgnored && <p class="note">{t('terminal.ignored')}</p>}
      <div ref={place} class="terminal-place" />
    </div>
  );
}
