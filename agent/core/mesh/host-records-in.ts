import type { SignedHostRecord } from '../catalog/host-record.ts';
import type { GossipMessage } from './messages.ts';

/** The host records in a message. Their signatures must be checked before the message goes to the mesh core. */
export function hostRecordsIn(message: GossipMessage): readonly SignedHostRecord[] {
  if (message.type === 'host-records') return message.records;
  return message.type === 'delta' && message.delta.kind === 'host' ? [message.delta.record] : [];
}

/** The message without the host records that `isValid` refuses; undefined when nothing is left of it. */
export function withoutInvalid(
  message: GossipMessage,
  isValid: (record: SignedHostRecord) => boolean,
): GossipMessage | undefined {
  if (hostRecordsIn(message).every(isValid)) return message;
  return message.type === 'host-records' ? { ...message, records: message.records.filter(isValid) } : undefined;
}
