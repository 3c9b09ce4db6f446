import type { Delta } from '../mesh/messages.ts';

/**
 * Names a change by its content, so equal changes from different members are one, and a wrong name is noticed.
 * Suspicions are named with their accuser, since each one counts; any other verdict is the same whoever gives it.
 */
export function deltaId(delta: Delta): string {
  switch (delta.kind) {
    case 'liveness': {
      const { hostId, incarnation, status, by } = delta.update;
      const id = `l/${hostId}/${incarnation}/${status}`;
      return status === 'suspect' ? `${id}/${by}` : id;
    }
    case 'host':
      return `h/${delta.record.hostId}/${delta.record.incarnation}/${delta.record.sequence}`;
    case 'catalog':
      return `c/${delta.records[0]?.hlc ?? ''}-${delta.records.length}`;
  }
}
