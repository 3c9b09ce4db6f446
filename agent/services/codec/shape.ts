import type Type from 'typebox';
import { Refine, Unsafe } from 'typebox';
import { Compile } from 'typebox/compile';

/** Bytes of at most `maxBytes`. */
export const bytes = (maxBytes: number) =>
  Refine(Unsafe<Uint8Array>({}), (value) => value instanceof Uint8Array && value.length <= maxBytes);

/**
 * Turns a decoded protobuf message into a plain value of the schema's type, or undefined when it is not one.
 * Takes what the schema names and nothing else; absent scalars get protobuf's defaults, absent optionals stay absent.
 * Bytes are copied: the decoder returns windows that would keep the whole frame in memory.
 */
export function shape<S extends Type.TSchema>(schema: S): (message: unknown) => Type.Static<S> | undefined {
  const compiled = Compile(schema);
  return (message) => {
    const value = take(schema, message);
    return compiled.Check(value) ? value : undefined;
  };
}

function take(schema: unknown, value: unknown): unknown {
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (!isObject(schema) || !isObject(value)) return value;
  if (Array.isArray(value)) return value.map((item) => take(schema.items, item));
  if (!isObject(schema.properties)) return { ...value };
  const taken: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(schema.properties)) {
    const item = value[key];
    if (item !== undefined && item !== null) taken[key] = take(inner, item);
  }
  return taken;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
