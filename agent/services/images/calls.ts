import Type from 'typebox';
import { Compile } from 'typebox/compile';
import type { HostId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import { Bytes, HostIdSchema } from '../../../protocol/schemas/common.ts';
import { DigestSchema, ManifestRecord, RepositoryName } from '../../../protocol/schemas/image.ts';
import type { Transport } from '../../ports/transport.ts';
import { decodeJson, encodeJson } from '../catalog/record-body.ts';

/** Entries of one announcement; more go in further ones. */
export const ANNOUNCED_MAX = 8_192;
/** Blobs asked about in one call. */
export const LOCATED_MAX = 1_024;
const HOLDERS_MAX = limits.members;

const size = Bytes;
const Failure = Type.Object({ code: Type.String({ maxLength: 64 }), detail: Type.String({ maxLength: 2_048 }) });
const bits = Type.String({ pattern: '^[A-Za-z0-9+/=]*$', maxLength: limits.pieces });
/** A tag or a digest; what it may be is checked where it is used. */
const Reference = Type.String({ minLength: 1, maxLength: 160 });

const bodies = {
  /** To a blob's tracker: "I want it", every few seconds while pieces are missing. */
  'images.join': {
    request: Type.Object({
      digest: DigestSchema,
      sizeBytes: size,
      /** Base64 of `PieceSet.bits`. */
      have: bits,
      origin: Type.Optional(RepositoryName),
    }),
    reply: Type.Object({
      peers: Type.Array(HostIdSchema, { maxItems: 64 }),
      failure: Type.Optional(Failure),
    }),
  },
  /** To a blob's tracker: "not any more". */
  'images.leave': { request: Type.Object({ digest: DigestSchema }), reply: Type.Object({}) },
  /** To trackers: what the sender holds whole. */
  'images.announce': {
    request: Type.Object({
      held: Type.Array(Type.Object({ digest: DigestSchema, sizeBytes: size, isPinned: Type.Boolean() }), {
        maxItems: ANNOUNCED_MAX,
      }),
      dropped: Type.Array(DigestSchema, { maxItems: ANNOUNCED_MAX }),
      /** It holds nothing else that this tracker is to know of. */
      isAll: Type.Boolean(),
    }),
    reply: Type.Object({}),
  },
  /** To a blob's tracker: who holds these. */
  'images.locate': {
    request: Type.Object({ digests: Type.Array(DigestSchema, { maxItems: LOCATED_MAX }) }),
    reply: Type.Object({
      blobs: Type.Array(
        Type.Object({
          digest: DigestSchema,
          sizeBytes: size,
          holders: Type.Array(Type.Object({ hostId: HostIdSchema, isPinned: Type.Boolean() }), {
            maxItems: HOLDERS_MAX,
          }),
        }),
        { maxItems: LOCATED_MAX },
      ),
    }),
  },
  /** To a host that is to keep a copy: answered once it has the blob on its disk. */
  'images.keep': {
    request: Type.Object({ digest: DigestSchema, sizeBytes: size }),
    reply: Type.Object({}),
  },
  /** To holders: which of these are there; when somebody is about to refer to them, they are kept for now. */
  'images.touch': {
    request: Type.Object({
      digests: Type.Array(DigestSchema, { maxItems: LOCATED_MAX }),
      isPromise: Type.Boolean(),
    }),
    reply: Type.Object({ held: Type.Array(DigestSchema, { maxItems: LOCATED_MAX }) }),
  },
  /** To holders: nothing names these any more; what something names after all stays. */
  'images.drop': {
    request: Type.Object({ digests: Type.Array(DigestSchema, { maxItems: LOCATED_MAX }) }),
    reply: Type.Object({ dropped: Type.Array(DigestSchema, { maxItems: LOCATED_MAX }) }),
  },
  /** To an upstream repository's steward: what a reference stands for there now. */
  'images.resolve': {
    request: Type.Object({
      repository: RepositoryName,
      reference: Reference,
      /** Its bytes were lost: fetch them again. */
      refetch: Type.Boolean(),
    }),
    reply: Type.Object({ record: Type.Union([ManifestRecord, Type.Null()]) }),
  },
  /** To a host: blobs on their way to it. */
  'images.transfers': {
    request: Type.Object({}),
    reply: Type.Object({
      transfers: Type.Array(
        Type.Object({
          digest: DigestSchema,
          sizeBytes: size,
          doneBytes: size,
          bytesPerS: Type.Integer({ minimum: 0 }),
          originBytes: size,
          peers: Type.Array(Type.Object({ hostId: HostIdSchema, doneBytes: size }), { maxItems: 64 }),
        }),
        { maxItems: 256 },
      ),
    }),
  },
} as const;

type Bodies = typeof bodies;
export type ImageMethod = keyof Bodies;
export type RequestOf<M extends ImageMethod> = Type.Static<Bodies[M]['request']>;
export type ReplyOf<M extends ImageMethod> = Type.Static<Bodies[M]['reply']>;

const compiled = Object.fromEntries(
  Object.entries(bodies).map(([method, { request, reply }]) => [
    method,
    { request: Compile(request), reply: Compile(reply) },
  ]),
);

const check = (method: ImageMethod, side: 'request' | 'reply') => (value: unknown) =>
  compiled[method]?.[side].Check(value) ?? false;

export interface CallBounds {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export type ImageHandler<M extends ImageMethod> = (
  from: HostId,
  request: RequestOf<M>,
  signal: AbortSignal,
) => Promise<ReplyOf<M>>;

/** Calls between the image parts of two agents; one to this host itself goes straight to its handler. */
export class ImageCalls {
  readonly #transport: Pick<Transport, 'hostId' | 'call' | 'handle'>;
  readonly #own = new Map<ImageMethod, (request: unknown, signal: AbortSignal) => Promise<unknown>>();

  constructor(transport: Pick<Transport, 'hostId' | 'call' | 'handle'>) {
    this.#transport = transport;
  }

  handle<M extends ImageMethod>(method: M, handler: ImageHandler<M>): void {
    const { hostId } = this.#transport;
    this.#own.set(method, (request, signal) => handler(hostId, request as RequestOf<M>, signal));
    this.#transport.handle(method, async (from, body, signal) => {
      const request = decodeJson<RequestOf<M>>(body, check(method, 'request'), method);
      return encodeJson(await handler(from, request, signal));
    });
  }

  /** @throws ShoalError as `Transport.call` does, or what the handler threw */
  async call<M extends ImageMethod>(
    to: HostId,
    method: M,
    request: RequestOf<M>,
    bounds: CallBounds,
  ): Promise<ReplyOf<M>> {
    const own = to === this.#transport.hostId ? this.#own.get(method) : undefined;
    if (own !== undefined) return (await own(request, bounds.signal ?? new AbortController().signal)) as ReplyOf<M>;
    const reply = await this.#transport.call(to, method, encodeJson(request), bounds);
    return decodeJson<ReplyOf<M>>(reply, check(method, 'reply'), method);
  }
}

export type BlobLocations = ReplyOf<'images.locate'>['blobs'];
