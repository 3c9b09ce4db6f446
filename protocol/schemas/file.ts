import Type from 'typebox';
import { limits } from '../limits.ts';
import { Name } from './common.ts';

const closed = { additionalProperties: false } as const;
const BASE64 = '^[A-Za-z0-9+/]*={0,2}$';
/** Characters of base64 for so many bytes. */
const base64Length = (bytes: number): number => 4 * Math.ceil(bytes / 3);
/** -1 means "unchanged" to the kernel. */
const owner = Type.Integer({ minimum: 0, maximum: 4_294_967_294 });

/** SHA-256 of a file's content: 64 hex digits. */
export const FileDigest = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256 of the content' });

const where = {
  path: Type.String({
    pattern: '^/[^\\u0000-\\u001f\\u007f]*$',
    maxLength: 512,
    description: 'absolute path in the container, without "..", "." and empty parts',
  }),
  mode: Type.Optional(Type.String({ pattern: '^0[0-7]{3}$', description: 'octal; default "0444"' })),
  uid: Type.Optional(owner),
  gid: Type.Optional(owner),
};

/** A configuration file of a version as people write it, mounted read-only. */
export const FileSpec = Type.Object(
  {
    ...where,
    content: Type.Optional(Type.String({ maxLength: limits.fileBytes, description: 'text, kept as UTF-8' })),
    contentBase64: Type.Optional(Type.String({ pattern: BASE64, maxLength: base64Length(limits.fileBytes) })),
    sha256: Type.Optional(FileDigest),
    sizeBytes: Type.Optional(Type.Integer({ minimum: 0, description: 'only read; the content says it' })),
  },
  {
    ...closed,
    description: 'One of content, contentBase64, and sha256 of a content that a version of the app has already.',
  },
);
export type FileSpec = Type.Static<typeof FileSpec>;

/** A configuration file as a version keeps it. Its content is a record of its own. */
export const StoredFile = Type.Object(
  {
    ...where,
    mode: Type.String({ pattern: '^0[0-7]{3}$' }),
    sha256: FileDigest,
    sizeBytes: Type.Integer({ minimum: 0, maximum: limits.fileBytes }),
  },
  closed,
);
export type StoredFile = Type.Static<typeof StoredFile>;

/** The content of files of an app, kept once for all of its versions. */
export const FileRecord = Type.Object({
  group: Name,
  app: Name,
  sizeBytes: Type.Integer({ minimum: 0, maximum: limits.fileBytes }),
  contentBase64: Type.String({ pattern: BASE64, maxLength: base64Length(limits.fileBytes) }),
});
export type FileRecord = Type.Static<typeof FileRecord>;
