import { useState } from 'preact/hooks';
import type { Container } from '../../../protocol/schemas/host.ts';
import type { ShellTicket } from '../../../protocol/schemas/shell.ts';
import { route, setQuery } from '../../store/router.ts';
import '../../style/terminal.css';
import { t } from '../../text/text.ts';
import { ShellChooser } from './chooser.tsx';
import { ReplayView } from './replay.tsx';
import { SessionView } from './session.tsx';

/** A shell in a container: first which, then the terminal. The session is in the address, on every member the same. */
export function ShellView({ container }: { readonly container: Container }) {
  const sessionId = route.value.query.get('session');
  const [opened, setOpened] = useState<ShellTicket>();
  const recordingId = route.value.query.get('recording');
  if (recordingId !== null) {
    return (
      <ReplayView
        key={recordingId}
        recordingId={recordingId}
        leave={t('terminal.another')}
        onLeave={() => setQuery({ recording: '' })}
      />
    );
  }
  if (sessionId === null) {
    return (
      <ShellChooser
        container={container}
        onOpened={(ticket) => {
          setOpened(ticket);
          setQuery({ session: ticket.sessionId });
        }}
        onJoin={(session) => setQuery({ session })}
        onPlay={(recording) => setQuery({ recording })}
      />
    );
  }
  return (
    <SessionView
      key={sessionId}
      containerId={container.id}
      sessionId={sessionId}
      first={opened?.sessionId === sessionId ? opened : undefined}
      onLeave={() => {
        setOpened(undefined);
        setQuery({ session: '' });
      }}
    />
  );
}
