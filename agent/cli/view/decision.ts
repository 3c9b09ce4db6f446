import type { AppOperation, Decision, OfferView, Refusal } from '../../../protocol/schemas/operation.ts';
import { count, formatBytes } from './format.ts';
import type { Paint } from './paint.ts';
import { type Column, tableLines } from './table.ts';

/** Columns in the order in which they decide, as the auctioneer compares them. */
const OFFER_COLUMNS: readonly Column<OfferView>[] = [
  { title: 'HOST', cell: (offer) => offer.hostName },
  { title: 'GOT', cell: (offer) => offer.awarded, isNumber: true },
  { title: 'CAN TAKE', cell: (offer) => offer.slots, isNumber: true },
  { title: 'FAILED LATELY', cell: (offer) => offer.recentFailures, isNumber: true },
  { title: 'ZONE', cell: (offer) => offer.zone },
  { title: 'OF THIS APP', cell: (offer) => offer.appReplicas, isNumber: true },
  { title: 'FREE MEMORY', cell: freeMemory, isNumber: true },
  { title: 'HAS IMAGE', cell: (offer) => (offer.imagePresent ? 'yes' : 'no') },
  { title: 'CONTAINERS', cell: (offer) => offer.containers, isNumber: true },
];

const REFUSAL_COLUMNS: readonly Column<Refusal>[] = [
  { title: 'HOST', cell: (refusal) => refusal.hostName },
  { title: 'RULE', cell: (refusal) => refusal.rule },
  { title: 'WHY', cell: (refusal) => refusal.detail + (refusal.transient ? ' (may pass)' : '') },
  { title: 'NUMBERS', cell: (refusal) => numbers(refusal) },
];

function freeMemory(offer: OfferView): string {
  const share = offer.memoryAllocatableBytes === 0 ? 0 : offer.memoryFreeBytes / offer.memoryAllocatableBytes;
  return `${formatBytes(offer.memoryFreeBytes)} (${Math.round(share * 100)}%)`;
}

const numbers = (refusal: Refusal): string =>
  Object.entries(refusal.numbers)
    .map(([name, value]) => `${name.replace(/Bytes$/, '')}=${name.endsWith('Bytes') ? formatBytes(value) : value}`)
    .join(' ');

export const refusalLines = (refusals: readonly Refusal[], paint: Paint): string[] =>
  tableLines(REFUSAL_COLUMNS, refusals, paint);

/** Offers, those that got most first. */
export const offerLines = (offers: readonly OfferView[], paint: Paint): string[] => [
  'Offers, in the order of the columns that decide',
  ...tableLines(
    OFFER_COLUMNS,
    [...offers].sort((a, b) => b.awarded - a.awarded || a.hostName.localeCompare(b.hostName)),
    paint,
  ),
];

/** One auction round: who offered what, who refused why, who got what. */
export function decisionLines(decision: Decision, names: ReadonlyMap<string, string>, paint: Paint): string[] {
  const auctioneer = names.get(decision.auctioneer) ?? decision.auctioneer;
  const heading = `auction at ${decision.at} by ${auctioneer}: ${decision.placed.length} of ${count(decision.wanted, 'replica')} placed`;
  const placed = [...decision.placed]
    .sort((a, b) => a.replica - b.replica)
    .map(
      ({ replica, hostId, containerId }) => `  replica ${replica} -> ${names.get(hostId) ?? hostId}  ${containerId}`,
    );
  return [
    paint('strong', heading),
    ...(decision.offers.length === 0 ? [] : ['', ...offerLines(decision.offers, paint)]),
    ...section('Refusals', decision.refusals.length, refusalLines(decision.refusals, paint)),
    ...section('Placed', placed.length, placed),
  ];
}

const section = (title: string, size: number, lines: readonly string[]): string[] =>
  size === 0 ? [] : ['', title, ...lines];

/** Host names by id, as far as the operation itself knows them. */
export function hostNames(operation: AppOperation): Map<string, string> {
  const names = new Map<string, string>();
  for (const decision of operation.decisions) {
    for (const { hostId, hostName } of [...decision.offers, ...decision.refusals]) names.set(hostId, hostName);
  }
  for (const { hostId, hostName } of operation.steps) {
    if (hostId !== undefined && hostName !== undefined) names.set(hostId, hostName);
  }
  return names;
}
