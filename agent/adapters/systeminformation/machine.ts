import si from 'systeminformation';
import type { PortKey } from '../../core/placement/ports.ts';
import type { Machine, MachineFacts } from '../../ports/machine.ts';
import { readIfPresent } from '../local-files.ts';
import { type Protocol, parseTakenPorts } from './proc-net.ts';

const tables: readonly { readonly file: string; readonly protocol: Protocol }[] = [
  { file: '/proc/net/tcp', protocol: 'tcp' },
  { file: '/proc/net/tcp6', protocol: 'tcp' },
  { file: '/proc/net/udp', protocol: 'udp' },
  { file: '/proc/net/udp6', protocol: 'udp' },
];

/** The Linux machine that this process runs on. */
export const createMachine = (): Machine => ({ facts, takenPorts });

async function facts(): Promise<MachineFacts> {
  const [memory, os, cpu, system] = await Promise.all([si.mem(), si.osInfo(), si.cpu(), si.system()]);
  return {
    memoryBytes: memory.total,
    cores: cpu.cores,
    arch: dockerArch(process.arch),
    os: 'linux',
    distro: os.distro.split(' ')[0]?.toLowerCase() ?? 'unknown',
    kernel: os.kernel,
    isVirtual: system.virtual,
  };
}

/** Node's word for the processor as Docker's. */
const dockerArch = (arch: NodeJS.Architecture): string => (arch === 'x64' ? 'amd64' : arch === 'ia32' ? '386' : arch);

/** Cheaper than trying to bind each candidate, and it does not take the port from anybody while it looks. */
async function takenPorts(): Promise<ReadonlySet<PortKey>> {
  const read = tables.map(async ({ file, protocol }) => {
    // A machine without IPv6 has no tables for it.
    const table = (await readIfPresent(file))?.toString() ?? '';
    return parseTakenPorts(table, protocol);
  });
  return new Set((await Promise.all(read)).flat());
}
