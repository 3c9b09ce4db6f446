/** A line on its way to a collector, as it is spooled. */
export interface ForwardedLine {
  /** When the engine got it: RFC 3339 UTC with nanoseconds. */
  readonly at: string;
  readonly host: string;
  readonly group: string;
  readonly app: string;
  readonly replica: number;
  readonly version: number;
  readonly container: string;
  readonly containerId: string;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
  readonly isCut?: boolean;
}

/** Facility 1 (user-level), severity 6 (informational) and 3 (error): RFC 5424, 6.2.1. */
const priorities = { stdout: 1 * 8 + 6, stderr: 1 * 8 + 3 } as const;
/** The enterprise number that RFC 5612 keeps for documentation: Shoal has none of its own. */
const DATA_ID = 'shoal@32473';
const encoder = new TextEncoder();

/** A line as an RFC 5424 message. Times have six digits of a second at most there. */
export function syslogMessage(line: ForwardedLine): string {
  const { at, host, group, app, replica, version, container, containerId, stream, text } = line;
  const time = at.replace(/(\.\d{6})\d+Z$/, '$1Z');
  const data = { group, app, replica, version, container, containerId, stream };
  const parameters = Object.entries(data).map(([name, value]) => `${name}="${escaped(String(value))}"`);
  const head = `<${priorities[stream]}>1 ${time} ${header(host, 255)} ${header(`${group}/${app}`, 48)} ${header(container, 128)} -`;
  return `${head} [${DATA_ID} ${parameters.join(' ')}] ${text}`;
}

/** A message behind its length in bytes: the octet counting of RFC 6587, 3.4.1 and RFC 5425, 4.3. */
export const octetCounted = (message: string): string => `${encoder.encode(message).length} ${message}`;

/** PRINTUSASCII, never empty. */
const header = (text: string, length: number): string => text.replace(/[^!-~]/g, '_').slice(0, length) || '-';

const escaped = (value: string): string => value.replace(/["\\\]]/g, '\\$&');

/** The line that stands for others that were lost. */
export function lossLine(host: string, count: number, at: string): ForwardedLine {
  const text = `${count} lines of this host were lost: the collector did not take them in time`;
  const nobody = { group: 'shoal', app: 'log-forward', replica: 0, version: 0, container: 'shoal', containerId: '-' };
  return { at, host, ...nobody, stream: 'stderr', text };
}
