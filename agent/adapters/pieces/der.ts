/** Tags of ASN.1 types in DER (ITU-T X.690), as far as certificates need them. */
export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectId: 0x06,
  utf8String: 0x0c,
  sequence: 0x30,
  set: 0x31,
  utcTime: 0x17,
  generalizedTime: 0x18,
} as const;

/** The tag of a field that is told apart by its number: `[n] EXPLICIT`. */
export const explicit = (n: number): number => 0xa0 | n;

/** One value: its tag, its length, its content. */
export function encode(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.of(tag, ...encodeLength(body.length)), body]);
}

function encodeLength(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 | bytes.length, ...bytes];
}

/** @param dotted such as `2.5.4.3` */
export function encodeObjectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return encode(tags.objectId, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(arc: number): number[] {
  const bytes = [arc % 128];
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift(0x80 | (rest % 128));
  return bytes;
}

/** Years up to 2049 have two digits, later ones four (RFC 5280, 4.1.2.5). */
export function encodeTime(atMs: number): Buffer {
  const digits = `${new Date(atMs).toISOString().replaceAll(/[-:T]|\..*/g, '')}Z`;
  const isShort = new Date(atMs).getUTCFullYear() < 2050;
  return isShort
    ? encode(tags.utcTime, Buffer.from(digits.slice(2)))
    : encode(tags.generalizedTime, Buffer.from(digits));
}

/** One value as it was read. */
export interface DerValue {
  readonly tag: number;
  readonly content: Buffer;
  /** The whole value, its tag and length included. */
  readonly raw: Buffer;
}

/** A certificate nests no more values at one level than this. */
const VALUES_MAX = 64;

/** The values that stand one after the other. Undefined for what is not DER. */
export function decodeAll(bytes: Uint8Array): readonly DerValue[] | undefined {
  const values: DerValue[] = [];
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < buffer.length; ) {
    const value = decodeOne(buffer.subarray(at));
    if (value === undefined || values.length === VALUES_MAX) return undefined;
    values.push(value);
    at += value.raw.length;
  }
  return values;
}

/** The values within one value of this tag. */
export const decodeWithin = (value: DerValue | undefined, tag: number): readonly DerValue[] | undefined =>
  value?.tag === tag ? decodeAll(value.content) : undefined;

function decodeOne(buffer: Buffer): DerValue | undefined {
  const [tag, first] = buffer;
  // Tags above 30 take more bytes, and no certificate has them.
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) return undefined;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  const start = 2 + lengthBytes;
  // No length at all (0x80) is BER; three bytes are 16 MiB.
  if (first === 0x80 || lengthBytes > 3 || buffer.length < start) return undefined;
  const length = lengthBytes === 0 ? first : buffer.readUIntBE(2, lengthBytes);
  if (buffer.length < start + length) return undefined;
  return { tag, content: buffer.subarray(start, start + length), raw: buffer.subarray(0, start + length) };
}
