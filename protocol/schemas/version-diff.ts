import Type from 'typebox';
import { Name } from './common.ts';

/** One difference between two versions. A side that has nothing there is left out. */
export const VersionChange = Type.Object({
  path: Type.String({
    description:
      'JSON pointer into the spec, to the field, the variable or the label; of a file: /files/ and its escaped path',
  }),
  from: Type.Optional(Type.Unknown()),
  to: Type.Optional(Type.Unknown()),
});
export type VersionChange = Type.Static<typeof VersionChange>;

/** What differs between two versions of an app. */
export const VersionDiff = Type.Object(
  {
    group: Name,
    app: Name,
    from: Type.Integer({ minimum: 1 }),
    to: Type.Integer({ minimum: 1 }),
    changes: Type.Array(VersionChange, { description: 'in the order of paths; empty: they are the same' }),
  },
  { $id: 'VersionDiff' },
);
export type VersionDiff = Type.Static<typeof VersionDiff>;
