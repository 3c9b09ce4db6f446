import type { RealHost } from '../../../test/framework/real-host.ts';
import { round } from './results.ts';

/** Event-loop lag of an agent since this was last asked, out of its metrics: how late a timer of 10 ms is. Milliseconds. */
export async function lagOf(host: RealHost): Promise<{ p50: number; p99: number }> {
  const { body } = await host.api<string>('GET', '/metrics');
  const ms = (quantile: string) => {
    const match = new RegExp(`^\\S*eventloop_lag_${quantile}_seconds(?:\\{.*\\})? (\\S+)`, 'm').exec(body);
    return round(Number(match?.[1]) * 1_000, 1);
  };
  return { p50: ms('p50'), p99: ms('p99') };
}
