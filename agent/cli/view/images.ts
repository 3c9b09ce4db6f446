import type {
  BlobLocation,
  HostImageUsage,
  Image,
  ImageDetail,
  Repository,
  Transfer,
} from '../../../protocol/schemas/image.ts';
import { formatAge, formatBytes, shortHex } from './format.ts';
import type { Paint } from './paint.ts';
import { amount } from './progress.ts';
import { type Column, fieldLines, tableLines } from './table.ts';

/** `sha256:` and the first digits. */
const shortDigest = (digest: string): string => {
  const hex = digest.indexOf(':') + 1;
  return digest.slice(0, hex) + shortHex(digest.slice(hex));
};

/** `application/vnd.oci.image.layer.v1.tar+gzip` as `layer.v1.tar+gzip`. */
const shortType = (mediaType: string): string =>
  mediaType.replace(/^application\/vnd\.(oci\.image|docker\.(distribution|image|container))\./, '');

const rulesOf = ({ retention }: Repository): string => {
  const { keepLast, keepTags = [] } = retention ?? {};
  return [...(keepLast === undefined ? [] : [`last ${keepLast}`]), ...keepTags].join(', ');
};

export const repositoryColumns = (nowMs: number): readonly Column<Repository>[] => [
  { title: 'REPOSITORY', cell: (repository) => repository.name },
  { title: 'TAGS', cell: (repository) => repository.tags, isNumber: true },
  { title: 'MANIFESTS', cell: (repository) => repository.manifests, isNumber: true },
  { title: 'SIZE', cell: (repository) => formatBytes(repository.sizeBytes), isNumber: true },
  { title: 'AGE', cell: (repository) => formatAge(repository.pushedAt, nowMs), isNumber: true },
  { title: 'FROM', cell: (repository) => repository.origin },
  { title: 'KEEPS', cell: rulesOf },
  { title: 'DESCRIPTION', cell: (repository) => repository.description },
];

export const imageColumns = (nowMs: number): readonly Column<Image>[] => [
  { title: 'TAGS', cell: (image) => image.tags.join(' ') || '-' },
  { title: 'DIGEST', cell: (image) => shortDigest(image.digest) },
  { title: 'SIZE', cell: (image) => formatBytes(image.sizeBytes), isNumber: true },
  { title: 'AGE', cell: (image) => formatAge(image.pushedAt, nowMs), isNumber: true },
  { title: 'PLATFORMS', cell: (image) => image.platforms.join(' ') },
  { title: 'COMMIT', cell: (image) => shortHex(image.revision) },
  { title: 'BY', cell: (image) => image.pushedBy },
  { title: 'TO', cell: (image) => image.pushedTo },
];

/** An image with all that it consists of: fields, images of an index, layers, and what the tag was before. */
export function imageLines(image: ImageDetail, paint: Paint): string[] {
  const { manifest } = image;
  const fields = [
    ['repository', image.repository],
    ['tags', image.tags.join(' ')],
    ['digest', image.digest],
    ['type', image.mediaType],
    ['size', formatBytes(image.sizeBytes)],
    ['commit', image.revision],
    ['subject', manifest.subject],
    ['pushed', `${image.pushedAt} by ${image.pushedBy} to ${image.pushedTo}`],
  ] as const;
  return [
    ...fieldLines(fields, paint),
    ...section('Images', manifest.manifests, PLATFORM_COLUMNS, paint),
    ...section('Layers', manifest.layers, PART_COLUMNS, paint),
    ...image.children.flatMap((child) =>
      section(`Layers of ${shortDigest(child.digest)}`, child.layers, PART_COLUMNS, paint),
    ),
    ...section('Before', image.history, HISTORY_COLUMNS, paint),
  ];
}

type Part = ImageDetail['manifest']['layers'][number];
const PART_COLUMNS: readonly Column<Part>[] = [
  { title: 'BLOB', cell: ({ digest }) => shortDigest(digest) },
  { title: 'SIZE', cell: ({ sizeBytes }) => formatBytes(sizeBytes), isNumber: true },
  { title: 'TYPE', cell: ({ mediaType }) => shortType(mediaType) },
];
const PLATFORM_COLUMNS: readonly Column<ImageDetail['manifest']['manifests'][number]>[] = [
  { title: 'PLATFORM', cell: ({ platform }) => platform ?? '-' },
  { title: 'DIGEST', cell: ({ digest }) => digest },
];
const HISTORY_COLUMNS: readonly Column<ImageDetail['history'][number]>[] = [
  { title: 'DIGEST', cell: ({ digest }) => digest },
  { title: 'PUSHED', cell: ({ pushedAt }) => pushedAt },
  { title: 'BY', cell: ({ pushedBy }) => pushedBy },
];

const section = <Row>(title: string, rows: readonly Row[], columns: readonly Column<Row>[], paint: Paint): string[] =>
  rows.length === 0 ? [] : ['', title, ...tableLines(columns, rows, paint)];

const holders = ({ holders: all }: BlobLocation, isPinned: boolean): string =>
  all
    .filter((holder) => holder.isPinned === isPinned)
    .map(({ hostName }) => hostName)
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .join(' ');

export const LOCATION_COLUMNS: readonly Column<BlobLocation>[] = [
  { title: 'BLOB', cell: (blob) => shortDigest(blob.digest) },
  { title: 'SIZE', cell: (blob) => formatBytes(blob.sizeBytes), isNumber: true },
  { title: 'TYPE', cell: (blob) => shortType(blob.mediaType) },
  { title: 'COPIES', cell: copies, isNumber: true },
  { title: 'KEPT ON', cell: (blob) => holders(blob, true) },
  { title: 'CACHED ON', cell: (blob) => holders(blob, false) },
];

/** Those kept for the mesh, of those it wants; of a blob that is only cached, how many there are. */
function copies({ holders: all, wantedCopies }: BlobLocation): string | number {
  return wantedCopies === 0 ? all.length : `${all.filter(({ isPinned }) => isPinned).length}/${wantedCopies}`;
}

export const USAGE_COLUMNS: readonly Column<HostImageUsage>[] = [
  { title: 'HOST', cell: (usage) => usage.hostName },
  { title: 'USED', cell: (usage) => formatBytes(usage.usedBytes), isNumber: true },
  { title: 'KEPT', cell: (usage) => formatBytes(usage.pinnedBytes), isNumber: true },
  { title: 'QUOTA', cell: (usage) => formatBytes(usage.quotaBytes), isNumber: true },
  { title: 'USED%', cell: percent, isNumber: true },
  { title: 'DISK FREE', cell: (usage) => formatBytes(usage.diskFreeBytes), isNumber: true },
];

function percent({ usedBytes, quotaBytes }: HostImageUsage): string {
  return quotaBytes === 0 ? '' : `${Math.round((usedBytes / quotaBytes) * 100)}%`;
}

export const TRANSFER_COLUMNS: readonly Column<Transfer>[] = [
  { title: 'HOST', cell: (transfer) => transfer.hostName },
  { title: 'BLOB', cell: (transfer) => shortDigest(transfer.digest) },
  { title: 'DONE', cell: (t) => amount({ bytes: t.doneBytes, totalBytes: t.sizeBytes }), isNumber: true },
  { title: 'RATE', cell: (transfer) => `${formatBytes(transfer.bytesPerS)}/s`, isNumber: true },
  { title: 'FROM', cell: sourcesOf },
];

/** `h2 34M, h3 12M, its registry 2M`. */
function sourcesOf({ peers, originBytes }: Transfer): string {
  const from = peers.map(({ hostName, doneBytes }) => `${hostName} ${formatBytes(doneBytes)}`);
  return [...from, ...(originBytes === 0 ? [] : [`its registry ${formatBytes(originBytes)}`])].join(', ');
}
