import { useState } from 'preact/hooks';
import type { HostImageUsage, ImageSettings } from '../../../protocol/schemas/image.ts';
import { changeImageSettings } from '../../api/actions.ts';
import { formatBytes, parseBytes, writeBytes } from '../../format/quantity.ts';
import { linkTo } from '../../store/link.ts';
import { refresh, useItem, useList } from '../../store/resource.ts';
import { t } from '../../text/text.ts';
import { ActionDialog, openDialog } from '../../ui/dialog.tsx';
import { IfMay } from '../../ui/if-may.tsx';
import { Meter } from '../../ui/meter.tsx';
import { Facts, Panel } from '../../ui/panel.tsx';
import { ReadingView } from '../../ui/reading.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { WorkDialog } from './work-dialog.tsx';

const settingsPath = '/v1/image-settings';
const works = [
  ['preheat', 'image.preheat'],
  ['verify', 'image.verify'],
  ['collect', 'image.gc'],
] as const;
const rates = ['uploadBytesPerS', 'downloadBytesPerS', 'originBytesPerS'] as const;

/** What stores of hosts take, how fast they may move layers, and the work on them that people start. */
export function UpkeepTab() {
  const settings = useItem<ImageSettings>(settingsPath, ['images']);
  const usage = useList<HostImageUsage>('/v1/image-usage', ['images', 'hosts'], ({ hostId }) => hostId);
  return (
    <div class="stack">
      <ReadingView of={settings}>
        {(found) => (
          <Panel
            title={t('limits.title')}
            actions={
              <IfMay does="images.set">
                <button type="button" class="quiet" onClick={() => openDialog(() => <Limits settings={found} />)}>
                  {t('action.edit')}
                </button>
              </IfMay>
            }
          >
            <Facts facts={rates.map((rate) => [t(`limits.${rate}`), rateWords(found[rate])] as const)} />
          </Panel>
        )}
      </ReadingView>
      <ReadingView of={usage}>
        {(all) => (
          <Panel
            title={t('upkeep.stores')}
            isFlush
            actions={works.map(([work, does]) => (
              <IfMay key={work} does={does}>
                <button type="button" onClick={() => openDialog(() => <WorkDialog work={work} />)}>
                  {t(`upkeep.${work}`)}
                </button>
              </IfMay>
            ))}
          >
            <Table caption={t('upkeep.stores')} columns={columns()} items={all} keyOf={({ hostId }) => hostId} />
          </Panel>
        )}
      </ReadingView>
    </div>
  );
}

const rateWords = (bytesPerS: number | undefined): string =>
  bytesPerS === undefined ? t('limits.none') : `${formatBytes(bytesPerS)}/s`;

const columns = (): readonly Column<HostImageUsage>[] => [
  { label: t('host.one'), cell: ({ hostId, hostName }) => <a href={linkTo(['hosts', hostId])}>{hostName}</a> },
  {
    label: t('images.stored'),
    cell: ({ usedBytes, quotaBytes }) => (
      <Meter
        label={t('images.stored')}
        used={usedBytes}
        total={quotaBytes}
        words={t('capacity.of', { used: formatBytes(usedBytes), total: formatBytes(quotaBytes) })}
      />
    ),
  },
  { label: t('upkeep.pinned'), isNumber: true, cell: ({ pinnedBytes }) => formatBytes(pinnedBytes) },
  { label: t('images.diskFree'), isNumber: true, cell: ({ diskFreeBytes }) => formatBytes(diskFreeBytes) },
];

function Limits({ settings }: { readonly settings: ImageSettings }) {
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>(() =>
    Object.fromEntries(rates.map((rate) => [rate, settings[rate] === undefined ? '' : writeBytes(settings[rate])])),
  );
  const read = (rate: string): number | null | undefined => {
    const text = texts[rate] ?? '';
    return text.trim() === '' ? null : parseBytes(text);
  };
  return (
    <ActionDialog
      title={t('limits.title')}
      action={t('action.save')}
      canAct={rates.every((rate) => read(rate) !== undefined)}
      onAct={async () => {
        await changeImageSettings(Object.fromEntries(rates.map((rate) => [rate, read(rate) ?? null])));
        refresh(settingsPath);
      }}
    >
      <p class="muted">{t('limits.hint')}</p>
      {rates.map((rate) => (
        <TextField
          key={rate}
          label={t(`limits.${rate}`)}
          fault={read(rate) === undefined ? t('form.unreadable') : undefined}
          placeholder="20m"
          value={texts[rate] ?? ''}
          onText={(text) => setTexts({ ...texts, [rate]: text })}
        />
      ))}
    </ActionDialog>
  );
}
