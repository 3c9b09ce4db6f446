import type { Operation } from '../../../protocol/schemas/operation.ts';
import { cancelOperation } from '../../api/actions.ts';
import { operationState } from '../../format/state.ts';
import { formatDuration } from '../../format/time.ts';
import { nowMs } from '../../store/clock.ts';
import { linkTo } from '../../store/link.ts';
import { useOperation } from '../../store/lists.ts';
import { t } from '../../text/text.ts';
import { Age } from '../../ui/age.tsx';
import { ActionDialog, openDialog } from '../../ui/dialog.tsx';
import { IfMay } from '../../ui/if-may.tsx';
import { Progress } from '../../ui/meter.tsx';
import { Facts, PageHead, Panel } from '../../ui/panel.tsx';
import { ProblemBox } from '../../ui/problem-box.tsx';
import { ReadingView } from '../../ui/reading.tsx';
import { Badge } from '../../ui/status.tsx';
import { Decisions } from './decisions.tsx';
import { RolloutPanel } from './rollout-panel.tsx';
import { Steps } from './steps.tsx';
import { isOfApp, Subject } from './subject.tsx';

/** One operation, live: how far each of its parts is, why things were placed where they are, and how it ended. */
export function OperationScreen({ id }: { readonly id: string }) {
  const reading = useOperation(id);
  return <ReadingView of={reading}>{(operation) => <OperationView operation={operation} />}</ReadingView>;
}

function OperationView({ operation }: { readonly operation: Operation }) {
  const { id, kind, state, done, total, createdAt, finishedAt, actor, cancelRequested, problem } = operation;
  const { tone, word } = operationState(operation);
  const tookMs = (finishedAt === undefined ? nowMs.value : Date.parse(finishedAt)) - Date.parse(createdAt);
  return (
    <>
      <PageHead
        crumbs={<a href={linkTo(['operations'])}>{t('nav.operations')}</a>}
        title={
          <span class="row">
            {t(`kind.${kind}`)} <Subject operation={operation} /> <Badge tone={tone}>{t(word)}</Badge>
          </span>
        }
        actions={
          state === 'running' && (
            <IfMay does="operation.cancel">
              <button
                type="button"
                class="danger"
                disabled={cancelRequested}
                onClick={() => openDialog(() => <Cancel id={id} />)}
              >
                {cancelRequested ? t('operation.cancelling') : t('operation.cancel')}
              </button>
            </IfMay>
          )
        }
      />
      <div class="stack">
        {problem !== undefined && <ProblemBox problem={problem} />}
        {isOfApp(operation) && operation.rollout !== undefined && (
          <RolloutPanel
            group={operation.group}
            app={operation.app}
            cluster={operation.cluster ?? 'default'}
            rollout={operation.rollout}
          />
        )}
        <div class="columns">
          <Panel
            title={t('operation.steps')}
            isFlush
            actions={<Progress done={done} total={total} label={t('column.progress')} />}
          >
            <Steps operation={operation} />
          </Panel>
          <Panel title={t('operation.facts')}>
            <Facts
              facts={[
                [t('column.begun'), <Age key="begun" at={createdAt} />],
                [t('operation.took'), formatDuration(tookMs)],
                [t('operation.actor'), actor],
                [t('operation.id'), <code key="id">{id}</code>],
              ]}
            />
          </Panel>
        </div>
        {isOfApp(operation) && <Decisions operation={operation} />}
      </div>
    </>
  );
}

function Cancel({ id }: { readonly id: string }) {
  return (
    <ActionDialog
      title={t('operation.cancelTitle')}
      action={t('operation.cancel')}
      isDanger
      onAct={() => cancelOperation(id)}
    >
      <p>{t('operation.cancelWhat')}</p>
    </ActionDialog>
  );
}
