import type { PortKey } from '../../core/placement/ports.ts';

export type Protocol = 'tcp' | 'udp';

/** TCP_LISTEN of the kernel's tcp_states.h. */
const LISTENING = '0A';

/**
 * Local ports in a table of /proc/net (proc_pid_net(5)): for tcp those that listen, for udp all. A line is
 * `sl local_address rem_address st ...`, an address `HEX:PORT` with the port as 4 hex digits.
 */
export function parseTakenPorts(table: string, protocol: Protocol): PortKey[] {
  return table
    .split('\n')
    .slice(1)
    .flatMap((line): PortKey[] => {
      const [, local = '', , state] = line.trim().split(/\s+/);
      if (protocol === 'tcp' && state !== LISTENING) return [];
      const port = Number.parseInt(local.split(':')[1] ?? '', 16);
      return port > 0 ? [`${protocol}/${port}`] : [];
    });
}
