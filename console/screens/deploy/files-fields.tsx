import { useState } from 'preact/hooks';
import type { Problem } from '../../../protocol/schemas/common.ts';
import { fileText } from '../../api/actions.ts';
import { problemOf } from '../../api/problem.ts';
import { formatBytes } from '../../format/quantity.ts';
import { t } from '../../text/text.ts';
import { Field } from '../../ui/field.tsx';
import { Fold } from '../../ui/fold.tsx';
import { ProblemBox } from '../../ui/problem-box.tsx';
import { type FileDraft, newFile } from './file-draft.ts';
import { type FieldsProps, faultAt } from './form-fields.tsx';

interface FilesFieldsProps extends FieldsProps {
  readonly app: { readonly group: string; readonly app: string };
}

/** Configuration files that are mounted into the container. */
export function FilesFields({ app, form: { files }, faults, wasTried, onChange }: FilesFieldsProps) {
  const change = (key: string, to: Partial<FileDraft>): void =>
    onChange({ files: files.map((file) => (file.key === key ? { ...file, ...to } : file)) });
  return (
    <Fold
      title={t('deploy.files')}
      summary={files.map(({ path }) => path).join(' · ') || t('deploy.filesNone')}
      isFaulty={wasTried && faultAt(faults, '/spec/files') !== undefined}
    >
      <div class="stack">
        {files.map((file, index) => (
          <OneFile
            key={file.key}
            app={app}
            file={file}
            fault={(part) => {
              const isEmpty = part === 'path' && file.path === '' && !wasTried;
              return isEmpty ? undefined : faultAt(faults, `/spec/files/${index}/${part}`);
            }}
            onChange={(to) => change(file.key, to)}
            onRemove={() => onChange({ files: files.filter(({ key }) => key !== file.key) })}
          />
        ))}
        <div class="row">
          <button type="button" onClick={() => onChange({ files: [...files, newFile(`new-${Date.now()}`)] })}>
            {t('deploy.fileAdd')}
          </button>
        </div>
      </div>
    </Fold>
  );
}

interface OneFileProps {
  readonly app: { readonly group: string; readonly app: string };
  readonly file: FileDraft;
  readonly fault: (part: 'path' | 'mode' | 'content') => string | undefined;
  readonly onChange: (to: Partial<FileDraft>) => void;
  readonly onRemove: () => void;
}

function OneFile({ app, file: { path, mode, content, before }, fault, onChange, onRemove }: OneFileProps) {
  return (
    <fieldset class="file">
      <legend class="visually-hidden">{path || t('deploy.file')}</legend>
      <div class="form-grid">
        <Field label={t('deploy.filePath')} hint={t('deploy.filePathHint')} fault={fault('path')}>
          {(ties) => (
            <input
              {...ties}
              value={path}
              placeholder="/etc/app/app.conf"
              spellcheck={false}
              onInput={({ currentTarget }) => onChange({ path: currentTarget.value })}
            />
          )}
        </Field>
        <Field label={t('deploy.fileMode')} hint={t('deploy.fileModeHint')} fault={fault('mode')}>
          {(ties) => (
            <input
              {...ties}
              value={mode}
              placeholder="0444"
              onInput={({ currentTarget }) => onChange({ mode: currentTarget.value })}
            />
          )}
        </Field>
        {content === undefined ? (
          <KeptContent
            app={app}
            sha256={before?.sha256}
            sizeBytes={before?.sizeBytes ?? 0}
            onText={(text) => onChange({ content: text })}
          />
        ) : (
          <Field label={t('deploy.fileContent')} fault={fault('content')} isWide>
            {(ties) => (
              <textarea
                {...ties}
                rows={6}
                value={content}
                spellcheck={false}
                onInput={({ currentTarget }) => onChange({ content: currentTarget.value })}
              />
            )}
          </Field>
        )}
      </div>
      <button type="button" class="quiet" onClick={onRemove}>
        {t('deploy.fileRemove')}
      </button>
    </fieldset>
  );
}

interface KeptContentProps {
  readonly app: { readonly group: string; readonly app: string };
  readonly sha256: string | undefined;
  readonly sizeBytes: number;
  readonly onText: (text: string) => void;
}

/** The content of an earlier version; it is fetched when somebody wants to change it. */
function KeptContent({ app, sha256, sizeBytes, onText }: KeptContentProps) {
  const [problem, setProblem] = useState<Problem>();
  const [isBinary, setBinary] = useState(false);
  const fetchIt = async (): Promise<void> => {
    if (sha256 === undefined) return;
    try {
      const text = await fileText(app, sha256);
      if (text === undefined) setBinary(true);
      else onText(text);
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  return (
    <div class="whole row">
      <span class="muted">{t('deploy.fileKept', { size: formatBytes(sizeBytes) })}</span>
      {isBinary && <span class="muted">{t('deploy.fileBinary')}</span>}
      {sha256 !== undefined && !isBinary && (
        <button type="button" onClick={() => void fetchIt()}>
          {t('deploy.fileChange')}
        </button>
      )}
      {problem !== undefined && <ProblemBox problem={problem} />}
    </div>
  );
}
