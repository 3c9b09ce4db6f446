import { useState } from 'preact/hooks';
import type { Repository } from '../../../protocol/schemas/image.ts';
import { changeRepository, deleteRepository } from '../../api/actions.ts';
import { isCount } from '../../format/name.ts';
import { linkTo } from '../../store/link.ts';
import { refresh } from '../../store/resource.ts';
import { goTo } from '../../store/router.ts';
import { t } from '../../text/text.ts';
import { ActionDialog, openDialog } from '../../ui/dialog.tsx';
import { IfMay } from '../../ui/if-may.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { DeleteDialog } from './delete-dialog.tsx';

const KEEP_MAX = 10_000;

/** Which tags of a repository stay, and the end of it. */
export function RepositoryActions({ repository }: { readonly repository: Repository }) {
  const { name } = repository;
  return (
    <>
      <IfMay does="repository.put">
        <button type="button" onClick={() => openDialog(() => <Settings repository={repository} />)}>
          {t('repository.settings')}
        </button>
      </IfMay>
      <IfMay does="repository.delete">
        <button
          type="button"
          class="danger"
          onClick={() =>
            openDialog(() => (
              <DeleteDialog
                title={t('repository.deleteTitle', { name })}
                action={t('repository.delete')}
                what={t('repository.deleteWhat')}
                name={name}
                onDelete={async (isForced) => {
                  await deleteRepository(name, isForced);
                  goTo(linkTo(['images']));
                }}
              />
            ))
          }
        >
          {t('repository.delete')}
        </button>
      </IfMay>
    </>
  );
}

/** What is kept, in a few words. */
export function retentionWords({ retention }: Repository): string {
  if (retention === undefined) return t('repository.keepsAll');
  const { keepLast, keepTags = [] } = retention;
  return [
    keepLast === undefined ? '' : t('repository.keepsLast', { count: keepLast }),
    keepTags.length === 0 ? '' : t('repository.keepsTags', { tags: keepTags.join(', ') }),
  ]
    .filter((word) => word !== '')
    .join(' · ');
}

function Settings({ repository: { name, description: before, retention } }: { readonly repository: Repository }) {
  const [description, setDescription] = useState(before ?? '');
  const [last, setLast] = useState(retention?.keepLast === undefined ? '' : String(retention.keepLast));
  const [tags, setTags] = useState((retention?.keepTags ?? []).join(' '));
  const globs = tags.split(/[\s,]+/).filter((tag) => tag !== '');
  const isLast = last.trim() === '' || isCount(last, KEEP_MAX);
  const areTags = globs.every((tag) => /^[a-zA-Z0-9_.*-]{1,128}$/.test(tag));
  return (
    <ActionDialog
      title={t('repository.settings')}
      action={t('action.save')}
      canAct={isLast && areTags}
      onAct={async () => {
        const rules = {
          ...(last.trim() === '' ? {} : { keepLast: Number(last) }),
          ...(globs.length === 0 ? {} : { keepTags: globs }),
        };
        await changeRepository(name, {
          description: description.trim(),
          retention: Object.keys(rules).length === 0 ? null : rules,
        });
        refresh('/v1/repositories');
      }}
    >
      <TextField label={t('column.description')} value={description} onText={setDescription} />
      <TextField
        label={t('repository.keepLast')}
        hint={t('repository.keepLastHint')}
        fault={isLast ? undefined : t('form.wholeNumber', { most: KEEP_MAX })}
        value={last}
        onText={setLast}
      />
      <TextField
        label={t('repository.keepTags')}
        hint={t('repository.keepTagsHint')}
        fault={areTags ? undefined : t('form.unreadable')}
        placeholder="v* latest"
        value={tags}
        onText={setTags}
      />
    </ActionDialog>
  );
}
