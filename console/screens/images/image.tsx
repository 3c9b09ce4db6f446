import type { BlobLocation, ImageDetail } from '../../../protocol/schemas/image.ts';
import { deleteImage, preheat } from '../../api/actions.ts';
import { formatBytes } from '../../format/quantity.ts';
import { linkTo } from '../../store/link.ts';
import { useItem, useList } from '../../store/resource.ts';
import { goTo } from '../../store/router.ts';
import { t } from '../../text/text.ts';
import { Age } from '../../ui/age.tsx';
import { ActionDialog, openDialog } from '../../ui/dialog.tsx';
import { IfMay } from '../../ui/if-may.tsx';
import { Facts, PageHead, Panel } from '../../ui/panel.tsx';
import { ReadingView } from '../../ui/reading.tsx';
import { Status } from '../../ui/status.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { DeleteDialog } from './delete-dialog.tsx';

interface ImageScreenProps {
  readonly repository: string;
  readonly reference: string;
}

/** One image: its layers, and which hosts hold each of them. */
export function ImageScreen({ repository, reference }: ImageScreenProps) {
  const path = `/v1/repositories/${encodeURIComponent(repository)}/images/${encodeURIComponent(reference)}`;
  const image = useItem<ImageDetail>(path, ['images']);
  const blobs = useList<BlobLocation>(`${path}/locations`, ['images', 'hosts'], ({ digest }) => digest);
  const name = `${repository}@${reference}`;
  const onAct = async (): Promise<void> => goTo(linkTo(['operations', (await preheat(name)).id]));
  const onDelete = async (isForced: boolean): Promise<void> => {
    await deleteImage(repository, reference, isForced);
    goTo(linkTo(['images', repository]));
  };
  return (
    <>
      <PageHead
        crumbs={
          <>
            <a href={linkTo(['images'])}>{t('nav.images')}</a> /{' '}
            <a href={linkTo(['images', repository])}>{repository}</a>
          </>
        }
        title={image.value?.tags.join(', ') || reference.slice(0, 19)}
        actions={
          <>
            <IfMay does="image.delete">
              <button
                type="button"
                class="danger"
                onClick={() =>
                  openDialog(() => (
                    <DeleteDialog
                      title={t('images.delete')}
                      action={t('images.delete')}
                      what={t('images.deleteWhat')}
                      onDelete={onDelete}
                    />
                  ))
                }
              >
                {t('images.delete')}
              </button>
            </IfMay>
            <IfMay does="image.preheat">
              <button
                type="button"
                onClick={() =>
                  openDialog(() => (
                    <ActionDialog title={t('images.preheat')} action={t('images.preheat')} onAct={onAct}>
                      <p>{t('images.preheatWhat')}</p>
                    </ActionDialog>
                  ))
                }
              >
                {t('images.preheat')}
              </button>
            </IfMay>
          </>
        }
      />
      <div class="columns">
        <ReadingView of={blobs}>
          {(all) => (
            <Panel title={t('images.where')} isFlush>
              <Table caption={t('images.where')} columns={columns()} items={all} keyOf={({ digest }) => digest} />
            </Panel>
          )}
        </ReadingView>
        <ReadingView of={image}>
          {({ digest, sizeBytes, platforms, revision, pushedAt, pushedBy, mediaType }) => (
            <Panel title={t('images.about')}>
              <Facts
                facts={[
                  [t('images.digest'), <code key="digest">{digest}</code>],
                  [t('column.size'), formatBytes(sizeBytes)],
                  [t('images.platforms'), platforms.join(', ') || '–'],
                  [t('images.commit'), revision ?? '–'],
                  [t('images.pushed'), <Age key="pushed" at={pushedAt} />],
                  [t('column.by'), pushedBy],
                  [
                    t('images.type'),
                    <span key="type" class="small">
                      {mediaType}
                    </span>,
                  ],
                ]}
              />
            </Panel>
          )}
        </ReadingView>
      </div>
    </>
  );
}

const columns = (): readonly Column<BlobLocation>[] => [
  { label: t('images.layer'), cell: ({ digest }) => <code title={digest}>{digest.slice(0, 19)}</code> },
  { label: t('column.size'), isNumber: true, cell: ({ sizeBytes }) => formatBytes(sizeBytes) },
  {
    label: t('images.copies'),
    cell: ({ holders, wantedCopies }) => {
      const kept = holders.filter(({ isPinned }) => isPinned).length;
      if (wantedCopies === 0) return <Status tone="idle">{t('images.cached')}</Status>;
      return <Status tone={kept >= wantedCopies ? 'ok' : 'warn'}>{`${kept}/${wantedCopies}`}</Status>;
    },
  },
  {
    label: t('images.holders'),
    cell: ({ holders }) => (
      <ul class="labels">
        {holders.map(({ hostId, hostName, isPinned }) => (
          <li key={hostId} title={t(isPinned ? 'images.kept' : 'images.cached')}>
            {hostName}
            {isPinned ? ' ◆' : ' ◇'}
          </li>
        ))}
      </ul>
    ),
  },
];
