import type { Image, Repository } from '../../../protocol/schemas/image.ts';
import { formatBytes } from '../../format/quantity.ts';
import { linkTo } from '../../store/link.ts';
import { useItem, useList } from '../../store/resource.ts';
import { t } from '../../text/text.ts';
import { Age } from '../../ui/age.tsx';
import { Empty, PageHead, Panel } from '../../ui/panel.tsx';
import { ReadingView } from '../../ui/reading.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { RepositoryActions, retentionWords } from './repository-actions.tsx';

/** One repository: its tags, and what has none. */
export function RepositoryScreen({ name }: { readonly name: string }) {
  const path = `/v1/repositories/${encodeURIComponent(name)}`;
  const repository = useItem<Repository>(path, ['images']);
  const images = useList<Image>(`${path}/images`, ['images'], ({ digest }) => digest);
  return (
    <>
      <PageHead
        crumbs={<a href={linkTo(['images'])}>{t('nav.images')}</a>}
        title={name}
        actions={repository.value !== undefined && <RepositoryActions repository={repository.value} />}
      />
      <ReadingView of={repository}>
        {(found) => (
          <p class="muted">
            {[formatBytes(found.sizeBytes), retentionWords(found), found.description ?? '']
              .filter((word) => word !== '')
              .join(' · ')}
          </p>
        )}
      </ReadingView>
      <ReadingView of={images}>
        {(all) => (
          <Panel title={t('images.tagged')} isFlush>
            {all.length === 0 ? (
              <Empty title={t('images.noImages')} />
            ) : (
              <Table caption={t('images.tagged')} columns={columns()} items={all} keyOf={({ digest }) => digest} />
            )}
          </Panel>
        )}
      </ReadingView>
    </>
  );
}

const columns = (): readonly Column<Image>[] => [
  {
    label: t('images.tags'),
    cell: ({ repository, tags, digest }) => (
      <a href={linkTo(['images', repository, digest])} class="wrap">
        {tags.join(', ') || t('images.untagged')}
      </a>
    ),
  },
  { label: t('images.digest'), cell: ({ digest }) => <code title={digest}>{digest.slice(0, 19)}</code> },
  { label: t('images.platforms'), cell: ({ platforms }) => platforms.join(', ') || '–' },
  { label: t('images.layers'), isNumber: true, cell: ({ layers }) => layers },
  { label: t('column.size'), isNumber: true, cell: ({ sizeBytes }) => formatBytes(sizeBytes) },
  { label: t('images.commit'), cell: ({ revision }) => <code>{revision?.slice(0, 12) ?? '–'}</code> },
  { label: t('images.pushed'), cell: ({ pushedAt }) => <Age at={pushedAt} /> },
  { label: t('column.by'), cell: ({ pushedBy }) => pushedBy },
];
