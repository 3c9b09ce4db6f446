import { useEffect, useState } from 'preact/hooks';
import type { Problem } from '../../../protocol/schemas/common.ts';
import { readLogText, saveFile } from '../../api/download.ts';
import { problemOf } from '../../api/problem.ts';
import { LogStream } from '../../store/log-stream.ts';
import { route } from '../../store/router.ts';
import '../../style/logs.css';
import { language, t } from '../../text/text.ts';
import { ProblemBox } from '../../ui/problem-box.tsx';
import { Status } from '../../ui/status.tsx';
import { LogChoices } from './log-choices.tsx';
import { LogList } from './log-list.tsx';
import { choiceOf, logQueryOf } from './query-of.ts';
import { fileLine } from './row-text.ts';

export interface LogsViewProps {
  /** The log's path in the API. */
  readonly path: string;
  /** What a file of it is called, without its ending. */
  readonly name: string;
  /** Replicas to choose from; absent for one container. */
  readonly replicas?: readonly number[];
}

/** The log of one container, or of all of an app merged by time. */
export function LogsView({ path, name, replicas }: LogsViewProps) {
  const choice = choiceOf(route.value.query);
  const asked = logQueryOf(choice).toString();
  const hasTimes = route.value.query.get('times') !== 'no';
  const [stream, setStream] = useState<LogStream>();
  const [isFollowed, setFollowed] = useState(true);
  const [problem, setProblem] = useState<Problem>();
  const [isCut, setCut] = useState(false);
  useEffect(() => {
    const opened = new LogStream(path, new URLSearchParams(asked));
    setStream(opened);
    setFollowed(true);
    return () => opened.stop();
  }, [path, asked]);
  const download = async (): Promise<void> => {
    setProblem(undefined);
    try {
      const file = await readLogText(path, logQueryOf(choice, true), fileLine);
      setCut(file.isCut);
      saveFile(file.blob, `${name}.log`);
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  return (
    <div class="stack-tight logs">
      <LogChoices choice={choice} replicas={replicas} hasTimes={hasTimes} onDownload={download} />
      {problem !== undefined && <ProblemBox problem={problem} />}
      {isCut && <p class="note">{t('logs.fileCut')}</p>}
      {stream?.problem.value !== undefined && <ProblemBox problem={stream.problem.value} />}
      {stream !== undefined && (
        <>
          <LogList
            key={`${path}?${asked}`}
            stream={stream}
            hasTimes={hasTimes}
            hasNames={replicas !== undefined}
            isFollowed={isFollowed}
            onFollow={setFollowed}
          />
          <LogFoot stream={stream} isFollowed={isFollowed} hasFilter={choice.q !== ''} />
        </>
      )}
    </div>
  );
}

interface LogFootProps {
  readonly stream: LogStream;
  readonly isFollowed: boolean;
  readonly hasFilter: boolean;
}

/** Whether it goes on, and what of it is here. */
function LogFoot({ stream, isFollowed, hasFilter }: LogFootProps) {
  void stream.version.value;
  const { rows, gone, leftOut } = stream.buffer;
  const state = stream.state.value;
  const tone = state === 'ended' ? 'idle' : state === 'reconnecting' ? 'busy' : isFollowed ? 'ok' : 'warn';
  const word = state === 'reading' ? (isFollowed ? 'logs.following' : 'logs.held') : (`logs.${state}` as const);
  return (
    <p class="row small muted" role="status">
      <Status tone={tone}>{t(word)}</Status>
      {rows.length === 0 ? (
        <span>{t(hasFilter ? 'logs.noneFits' : 'logs.none')}</span>
      ) : (
        <span>{t('logs.kept', { rows: rows.length })}</span>
      )}
      {leftOut > 0 && (
        <Status tone="warn">{t('logs.leftOut', { lines: leftOut.toLocaleString(language.value) })}</Status>
      )}
      {gone > 0 && <span>{t('logs.gone', { rows: gone })}</span>}
    </p>
  );
}
