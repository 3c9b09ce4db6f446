import type Type from 'typebox';
import { ShoalError } from '../../../protocol/errors.ts';
import { shape } from './shape.ts';

/** The body of a call or of its answer. */
export interface BodyCodec<T> {
  encode(value: T): Uint8Array;
  /** @throws ShoalError invalid-request, whatever is wrong with the bytes */
  decode(bytes: Uint8Array): T;
}

/** What pbjs generates for each message: encodes `P`, decodes to `M`. */
interface ProtobufType<P, M> {
  encode(message: P): { finish(): Uint8Array };
  decode(bytes: Uint8Array): M;
}

/** The codec of a type whose fields have the same names in TypeScript and in protobuf. */
export function sameShape<S extends Type.TSchema, P, M>(
  type: ProtobufType<P, M>,
  schema: S,
): BodyCodec<Type.Static<S>> {
  const read = shape(schema);
  return {
    encode: (value) => type.encode(value as P).finish(),
    decode: (bytes) => required(read(parse(type, bytes))),
  };
}

/** @throws ShoalError invalid-request */
export function parse<M>(type: { decode(bytes: Uint8Array): M }, bytes: Uint8Array): M {
  return attempt(() => type.decode(bytes));
}

/** @throws ShoalError invalid-request */
export function parseJson(bytes: Uint8Array): unknown {
  return attempt(() => JSON.parse(Buffer.from(bytes).toString()));
}

/** @throws ShoalError invalid-request when a part of the body is missing or out of bounds */
export function required<T>(value: T | undefined): T {
  if (value === undefined) throw new ShoalError('invalid-request', 'The body is not what its protocol says.');
  return value;
}

function attempt<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new ShoalError('invalid-request', 'The body cannot be read.', { cause });
  }
}
