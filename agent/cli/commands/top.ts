import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { ContainerUsage, HostUsage, Usage } from '../../../protocol/schemas/usage.ts';
import { parseApp } from '../parse/values.ts';
import type { Perform } from '../perform.ts';
import type { Session } from '../session.ts';
import { formatBytes, formatCpu, printableLine } from '../view/format.ts';
import { LiveArea } from '../view/live-area.ts';
import { type Column, tableLines } from '../view/table.ts';
import { untilInterrupt } from './until-interrupt.ts';

interface TopFlags {
  readonly once?: boolean;
  readonly app?: string;
  readonly host?: string;
}

/** Hosts look every five seconds. Milliseconds. */
const REFRESH_MS = 2_500;

export function addTop(program: Command, perform: Perform): void {
  perform(
    program
      .command('top')
      .description('what hosts and containers use now; live on a terminal, until Ctrl-C')
      .option('--once', 'show it once and end')
      .option('--app <group/app>', 'only containers of this app')
      .option('--host <host>', 'only on this host'),
    top,
  );
}

async function top(session: Session, flags: TopFlags): Promise<void> {
  const api = await session.api();
  const look = async () => only(await api.get<Usage>('/v1/usage'), flags);
  const isLive = flags.once !== true && session.outside.out.isTty && session.options.json !== true;
  if (!isLive) {
    const usage = await look();
    if (session.options.json === true) session.json(usage);
    else if (session.options.quiet === true) for (const { containerId } of usage.containers) session.print(containerId);
    else session.lines(linesOf(session, usage));
    return;
  }
  const area = new LiveArea(session.outside.out);
  await untilInterrupt(session, async () => {
    for (;;) {
      const lines = linesOf(session, await look());
      const room = Math.max(5, session.outside.out.rows() - 2);
      area.draw(lines.length > room ? [...lines.slice(0, room - 1), `... ${lines.length - room + 1} more`] : lines);
      await sleep(REFRESH_MS, undefined, { signal: session.signal });
    }
  });
}

function only(usage: Usage, flags: TopFlags): Usage {
  const app = flags.app === undefined ? undefined : parseApp(flags.app);
  const isHost = ({ hostId, hostName }: { readonly hostId: string; readonly hostName: string }) =>
    flags.host === undefined || hostId === flags.host || hostName === flags.host;
  const isApp = (container: ContainerUsage) =>
    app === undefined || (container.group === app.group && container.app === app.app);
  return {
    hosts: usage.hosts.filter(isHost),
    containers: usage.containers.filter((container) => isHost(container) && isApp(container)),
    missing: usage.missing.filter(isHost),
  };
}

const rate = (bytes: number): string => `${formatBytes(Math.round(bytes))}/s`;

const rates: Column<HostUsage | ContainerUsage>[] = [
  { title: 'RECEIVED', cell: ({ receivedBytesPerS }) => rate(receivedBytesPerS), isNumber: true },
  { title: 'SENT', cell: ({ sentBytesPerS }) => rate(sentBytesPerS), isNumber: true },
  { title: 'READ', cell: ({ readBytesPerS }) => rate(readBytesPerS), isNumber: true },
  { title: 'WRITTEN', cell: ({ writtenBytesPerS }) => rate(writtenBytesPerS), isNumber: true },
];

function linesOf(session: Session, { hosts, containers, missing }: Usage): string[] {
  const hostColumns: Column<HostUsage>[] = [
    { title: 'HOST', cell: ({ hostName }) => hostName },
    { title: 'CPU', cell: ({ cpuMilli }) => formatCpu(cpuMilli), isNumber: true },
    { title: 'MEMORY', cell: ({ memoryBytes }) => formatBytes(memoryBytes), isNumber: true },
    ...rates,
  ];
  const containerColumns: Column<ContainerUsage>[] = [
    { title: 'CONTAINER', cell: ({ container }) => container },
    { title: 'HOST', cell: ({ hostName }) => hostName },
    { title: 'CPU', cell: ({ cpuMilli }) => formatCpu(cpuMilli), isNumber: true },
    {
      title: 'MEMORY',
      cell: ({ memoryBytes, memoryLimitBytes }) => `${formatBytes(memoryBytes)} / ${formatBytes(memoryLimitBytes)}`,
      isNumber: true,
    },
    ...rates,
  ];
  const busiest = [...containers].sort((a, b) => b.cpuMilli - a.cpuMilli);
  return [
    ...tableLines(hostColumns, hosts, session.paint),
    ...(busiest.length === 0 ? [] : ['', ...tableLines(containerColumns, busiest, session.paint)]),
    ...missing.map(({ hostName, code }) => session.paint('bad', printableLine(`${hostName}: no answer (${code})`))),
  ];
}
