import Type from 'typebox';
import { ContainerIdSchema, HostIdSchema, Name, Timestamp } from './common.ts';
import { ShellIdSchema } from './shell.ts';

export const OnOff = Type.Union([Type.Literal('on'), Type.Literal('off')]);
export type OnOff = Type.Static<typeof OnOff>;

/** How shells are treated where their group says nothing else. */
export const ShellSettings = Type.Object(
  {
    /** Whether what shells show is recorded. */
    recordShells: OnOff,
    updatedAt: Type.Optional(Timestamp),
  },
  { $id: 'ShellSettings' },
);
export type ShellSettings = Type.Static<typeof ShellSettings>;

/** What somebody saw in a shell, kept on the host of the container. */
export const Recording = Type.Object(
  {
    /** That of the shell session. */
    id: ShellIdSchema,
    containerId: ContainerIdSchema,
    container: Type.String({ maxLength: 200 }),
    group: Name,
    app: Name,
    hostId: HostIdSchema,
    hostName: Name,
    command: Type.Array(Type.String()),
    user: Type.Optional(Type.String()),
    tty: Type.Boolean(),
    openedBy: Type.String({ maxLength: 128 }),
    openedAt: Timestamp,
    endedAt: Type.Optional(Timestamp),
    exitCode: Type.Optional(Type.Integer()),
    /** `broken-off`: the agent ended before the shell did. */
    state: Type.Union([Type.Literal('running'), Type.Literal('ended'), Type.Literal('broken-off')]),
    /** It was longer than a recording may be, or the disk took no more: the rest is missing. */
    isCut: Type.Optional(Type.Boolean()),
    sizeBytes: Type.Integer({ minimum: 0 }),
  },
  { $id: 'Recording' },
);
export type Recording = Type.Static<typeof Recording>;
