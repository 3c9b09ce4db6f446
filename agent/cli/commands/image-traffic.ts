import type { Command } from 'commander';
import { exitCodes } from '../../../protocol/errors.ts';
import type { HostImageUsage, Transfer } from '../../../protocol/schemas/image.ts';
import { reconnecting } from '../client/reconnect.ts';
import { CliFailure } from '../failure.ts';
import type { Perform } from '../perform.ts';
import type { Session } from '../session.ts';
import { count, formatBytes } from '../view/format.ts';
import { TRANSFER_COLUMNS, USAGE_COLUMNS } from '../view/images.ts';
import { LiveArea } from '../view/live-area.ts';
import { tableLines } from '../view/table.ts';
import { untilInterrupt } from './until-interrupt.ts';

/** What blobs take, and which are on their way: `df`, `transfers`. */
export function addImageTraffic(image: Command, perform: Perform): void {
  perform(image.command('df').description('show what images take on each host'), showUsage);
  const transfers = image.command('transfers').description('show which blobs are on their way to which host');
  perform(transfers.option('-f, --follow', 'go on showing them'), showTransfers);
}

async function showUsage(session: Session): Promise<void> {
  const api = await session.api();
  const usage = await api.list<HostImageUsage>('/v1/image-usage');
  usage.sort((a, b) => a.hostName.localeCompare(b.hostName, 'en', { numeric: true }));
  session.table(USAGE_COLUMNS, usage, ({ hostId }) => hostId, 'no host says what it stores');
}

async function showTransfers(session: Session, flags: { readonly follow?: boolean }): Promise<void> {
  const api = await session.api();
  if (flags.follow !== true) {
    const transfers = await api.list<Transfer>('/v1/transfers');
    session.table(TRANSFER_COLUMNS, transfers, ({ digest }) => digest, 'nothing is on its way');
    return;
  }
  const show = chooseDisplay(session);
  const open = () => api.stream('/v1/transfers/events');
  await untilInterrupt(session, async () => {
    for await (const message of reconnecting(open, session.signal)) {
      if (message.event === 'transfers') show(JSON.parse(message.data) as Moment);
    }
    throw new CliFailure(exitCodes.unreachable, 'no member tells of transfers any more', { next: 'shoal status' });
  });
}

/** One message of the stream: the first transfers, and how many there are. */
interface Moment {
  readonly items: readonly Transfer[];
  readonly total: number;
}

function chooseDisplay(session: Session): (moment: Moment) => void {
  const { outside, options } = session;
  if (options.json === true) return (moment) => session.jsonLine(moment);
  if (!outside.out.isTty || outside.env.TERM === 'dumb')
    return (moment) => session.lines([...frame(moment, session), '']);
  const area = new LiveArea(outside.out);
  return (moment) => area.draw(frame(moment, session, area.height));
}

/** The table, what does not fit counted, and the sum. */
function frame({ items, total }: Moment, { paint }: Session, height = Number.POSITIVE_INFINITY): string[] {
  if (total === 0) return ['nothing is on its way'];
  const shown = items.slice(0, Math.max(1, height - 3));
  const hidden = total - shown.length;
  const rate = items.reduce((sum, { bytesPerS }) => sum + bytesPerS, 0);
  return [
    ...tableLines(TRANSFER_COLUMNS, shown, paint),
    ...(hidden > 0 ? [paint('dim', `and ${hidden} more`)] : []),
    `${count(total, 'transfer')}, ${formatBytes(rate)}/s`,
  ];
}
