import { shoal } from '../../../protocol/generated/wire.js';
import type { Delta, GossipMessage } from '../../core/mesh/messages.ts';
import { deltaSchemas, messageSchemas } from './gossip-schemas.ts';
import { shape } from './shape.ts';

const { Frame, Message } = shoal.gossip;
type MessageType = GossipMessage['type'];

/** What was in a frame. A frame that is not one at all has `isValid` false and nothing else. */
export interface DecodedFrame {
  readonly isValid: boolean;
  readonly messages: readonly GossipMessage[];
  /** Messages dropped because they are broken or out of bounds. */
  readonly rejected: number;
  /** Messages skipped because this version does not know them. */
  readonly unknown: number;
}

/** Protobuf's name of a message type: `ping-req` travels in the field `pingReq`. */
const fieldOf = (type: string): string => type.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

const messageTypes = Object.keys(messageSchemas) as MessageType[];
const fields = new Map(messageTypes.map((type) => [type, fieldOf(type)]));
const readers = new Map(messageTypes.map((type) => [fieldOf(type), { type, read: shape(messageSchemas[type]) }]));
const deltaReaders = new Map<string, (message: unknown) => unknown>(
  Object.entries(deltaSchemas).map(([kind, schema]) => [kind, shape(schema)]),
);

/** One message for {@link joinFrame}. Messages have the same field names in TypeScript and protobuf. */
export function encodeMessage(message: GossipMessage): Uint8Array {
  const body = { [fields.get(message.type) ?? '']: message };
  return Message.encode(body as shoal.gossip.Message.$Properties).finish();
}

/** Puts encoded messages into one frame, in order. None makes a frame that only says that its sender is there. */
export const joinFrame = (messages: readonly Uint8Array[]): Uint8Array =>
  Frame.encode({ messages: [...messages] }).finish();

export const encodeFrame = (messages: readonly GossipMessage[]): Uint8Array => joinFrame(messages.map(encodeMessage));

/** Bytes that a message adds to a frame, its length prefix included. */
export function messageBytes(message: GossipMessage): number {
  return encodeFrame([message]).length;
}

/** Reads a frame from anybody: never throws, and a broken message is dropped alone. */
export function decodeFrame(frame: Uint8Array): DecodedFrame {
  const parts = attempt(() => Frame.decode(frame).messages);
  if (parts === undefined) return { isValid: false, messages: [], rejected: 0, unknown: 0 };
  const messages: GossipMessage[] = [];
  let rejected = 0;
  let unknown = 0;
  for (const part of parts) {
    const message = decodeMessage(part);
    if (message === 'unknown') unknown++;
    else if (message === 'broken') rejected++;
    else messages.push(message);
  }
  return { isValid: true, messages, rejected, unknown };
}

function decodeMessage(part: Uint8Array): GossipMessage | 'broken' | 'unknown' {
  const message = attempt(() => Message.decode(part));
  if (message === undefined) return 'broken';
  const reader = message.body === undefined ? undefined : readers.get(message.body);
  if (message.body === undefined || reader === undefined) return 'unknown';
  const body = message[message.body];
  const value = reader.read(body);
  if (value === undefined) return 'broken';
  if (reader.type !== 'delta') return { type: reader.type, ...value } as GossipMessage;
  const delta = decodeDelta(message.delta?.delta);
  return delta === undefined ? 'broken' : ({ type: 'delta', ...value, delta } as GossipMessage);
}

function decodeDelta(message: shoal.gossip.Delta.$Properties | null | undefined): Delta | undefined {
  return deltaReaders.get(message?.kind ?? '')?.(message) as Delta | undefined;
}

/** Protobuf decoders throw on broken input. */
function attempt<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch {
    return undefined;
  }
}
