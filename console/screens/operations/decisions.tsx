import type { AppOperation, Decision, OfferView, Refusal } from '../../../protocol/schemas/operation.ts';
import { formatBytes } from '../../format/quantity.ts';
import { linkTo } from '../../store/link.ts';
import { t } from '../../text/text.ts';
import { Age } from '../../ui/age.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Badge, Status } from '../../ui/status.tsx';
import { type Column, Table } from '../../ui/table.tsx';

/** Why here, why not there: what each host offered or refused in each auction. Newest first. */
export function Decisions({ operation }: { readonly operation: Pick<AppOperation, 'decisions'> }) {
  return (
    <>
      {operation.decisions.toReversed().map((decision) => (
        <DecisionPanel key={decision.at} decision={decision} />
      ))}
    </>
  );
}

function DecisionPanel({ decision }: { readonly decision: Decision }) {
  const { at, wanted, offers, refusals, placed } = decision;
  const isFull = placed.length >= wanted;
  return (
    <Panel
      title={t('why.title')}
      isFlush
      actions={
        <>
          <Badge tone={isFull ? 'ok' : 'bad'}>{t('why.placed', { placed: placed.length, wanted })}</Badge>
          <span class="muted small">
            <Age at={at} />
          </span>
        </>
      }
    >
      {offers.length > 0 && (
        <Table
          caption={t('why.offers')}
          columns={offerColumns()}
          items={sortedOffers(offers)}
          keyOf={({ hostId }) => hostId}
        />
      )}
      {refusals.length > 0 && (
        <Table
          caption={t('why.refusals')}
          columns={refusalColumns()}
          items={refusals}
          keyOf={({ hostId, rule }) => `${hostId} ${rule}`}
        />
      )}
    </Panel>
  );
}

const sortedOffers = (offers: readonly OfferView[]): readonly OfferView[] =>
  offers.toSorted((a, b) => b.awarded - a.awarded);

const offerColumns = (): readonly Column<OfferView>[] => [
  { label: t('why.offers'), cell: ({ hostId, hostName }) => <a href={linkTo(['hosts', hostId])}>{hostName}</a> },
  {
    label: t('why.awarded'),
    cell: ({ awarded }) =>
      awarded > 0 ? (
        <Status tone="ok">{t('why.got', { awarded })}</Status>
      ) : (
        <Status tone="idle">{t('why.gotNone')}</Status>
      ),
  },
  { label: t('column.zone'), cell: ({ zone }) => zone || '–' },
  { label: t('why.slots'), isNumber: true, cell: ({ slots }) => slots },
  { label: t('why.siblings'), isNumber: true, cell: ({ appReplicas }) => appReplicas },
  {
    label: t('why.memoryFree'),
    isNumber: true,
    cell: ({ memoryFreeBytes, memoryAllocatableBytes }) =>
      `${formatBytes(memoryFreeBytes)} / ${formatBytes(memoryAllocatableBytes)}`,
  },
  { label: t('why.image'), cell: ({ imagePresent }) => t(imagePresent ? 'why.imageThere' : 'why.imageAway') },
  { label: t('container.many'), isNumber: true, cell: ({ containers }) => containers },
  { label: t('why.failures'), isNumber: true, cell: ({ recentFailures }) => recentFailures },
];

const refusalColumns = (): readonly Column<Refusal>[] => [
  { label: t('why.refusals'), cell: ({ hostId, hostName }) => <a href={linkTo(['hosts', hostId])}>{hostName}</a> },
  { label: t('why.rule'), cell: ({ rule }) => <Status tone="warn">{rule}</Status> },
  { label: t('column.detail'), cell: ({ detail }) => <span class="wrap">{detail}</span> },
];
