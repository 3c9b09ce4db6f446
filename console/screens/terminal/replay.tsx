import { useEffect, useRef, useState } from 'preact/hooks';
import type { Problem } from '../../../protocol/schemas/common.ts';
import { readRecording } from '../../api/actions.ts';
import { problemOf } from '../../api/problem.ts';
import { formatDuration } from '../../format/time.ts';
import '../../style/terminal.css';
import { t } from '../../text/text.ts';
import { ProblemBox } from '../../ui/problem-box.tsx';
import { parseCast } from './cast.ts';
import { Player } from './player.ts';
import { TerminalView } from './terminal.ts';

const speeds = [1, 2, 5, 20] as const;

interface ReplayViewProps {
  readonly recordingId: string;
  /** Where leaving leads to, in words. */
  readonly leave: string;
  readonly onLeave: () => void;
}

/** What somebody saw in a shell, played again. */
export function ReplayView({ recordingId, leave, onLeave }: ReplayViewProps) {
  const place = useRef<HTMLDivElement>(null);
  const [player, setPlayer] = useState<Player>();
  const [problem, setProblem] = useState<Problem>();
  useEffect(() => {
    if (place.current === null) return;
    const over = new AbortController();
    const view = new TerminalView(place.current);
    let made: Player | undefined;
    readRecording(recordingId, over.signal)
      .then((text) => {
        if (over.signal.aborted) return;
        made = new Player(parseCast(text), view);
        made.play();
        setPlayer(made);
      })
      .catch((error: unknown) => {
        if (!over.signal.aborted) setProblem(problemOf(error));
      });
    return () => {
      over.abort();
      made?.pause();
      view.dispose();
    };
  }, [recordingId]);
  return (
    <div class="stack-tight">
      <div class="row replay-bar">
        {player !== undefined && <Controls player={player} />}
        <button type="button" onClick={onLeave}>
          {leave}
        </button>
      </div>
      {problem !== undefined && <ProblemBox problem={problem} />}
      <div ref={place} class="terminal-place replay" />
    </div>
  );
}

function Controls({ player }: { readonly player: Player }) {
  const [speed, setSpeed] = useState(1);
  const atS = player.atS.value;
  const isPlaying = player.isPlaying.value;
  const { lengthS } = player.cast;
  const words = `${formatDuration(atS * 1_000)} / ${formatDuration(lengthS * 1_000)}`;
  return (
    <>
      <button type="button" class="primary" onClick={() => (isPlaying ? player.pause() : player.play())}>
        {t(isPlaying ? 'replay.pause' : 'replay.play')}
      </button>
      <input
        class="grow"
        type="range"
        min="0"
        max={lengthS}
        step="any"
        value={atS}
        aria-label={t('replay.position')}
        aria-valuetext={words}
        onInput={({ currentTarget }) => player.seek(Number(currentTarget.value))}
      />
      <span class="small nowrap">{words}</span>
      <select
        aria-label={t('replay.speed')}
        value={speed}
        onChange={({ currentTarget }) => {
          player.speed = Number(currentTarget.value);
          setSpeed(player.speed);
        }}
      >
        {speeds.map((one) => (
          <option key={one} value={one}>
            {one}×
          </option>
        ))}
      </select>
    </>
  );
}
