import type { Collector, Collectors, CollectorTarget } from '../../ports/collector.ts';
import { HttpCollector } from './http-collector.ts';
import { SyslogCollector } from './syslog-collector.ts';

/** Collectors over the network. */
export class NetCollectors implements Collectors {
  open(target: CollectorTarget): Collector {
    return target.url.startsWith('syslog') ? new SyslogCollector(target) : new HttpCollector(target);
  }
}
