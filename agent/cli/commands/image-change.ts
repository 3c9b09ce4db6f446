import type { Command } from 'commander';
import type { ImageSettings } from '../../../protocol/schemas/image.ts';
import { route } from '../client/api.ts';
import { usage } from '../failure.ts';
import { parseImage, parseRepository, parseTagGlobs } from '../parse/image.ts';
import { type Bound, boundOrNull, parseRate, wholeNumber } from '../parse/values.ts';
import { type Perform, words } from '../perform.ts';
import type { Session } from '../session.ts';
import { formatBytes } from '../view/format.ts';
import { fieldLines } from '../view/table.ts';
import { type ConfirmFlags, confirm, confirmable } from './confirm.ts';
import { option } from './spec-flags.ts';

interface RemoveFlags extends ConfirmFlags {
  readonly all?: boolean;
  readonly force?: boolean;
}

interface SettingFlags {
  readonly keepLast?: number;
  readonly keepTags?: readonly string[];
  readonly keepAll?: boolean;
  readonly description?: string;
}

interface LimitFlags {
  readonly upload?: Bound;
  readonly download?: Bound;
  readonly origin?: Bound;
  readonly none?: boolean;
}

/** What changes repositories and bounds: `rm`, `set`, `limits`. */
export function addImageChanges(image: Command, perform: Perform): void {
  const remove = image.command('rm').description('take a tag away, or delete an image with its tags, or a repository');
  perform(
    confirmable(
      remove
        .argument('<image>', 'NAME:TAG or NAME@DIGEST; NAME with --all')
        .option('--all', 'the whole repository')
        .option('--force', 'also what an app version or another image needs'),
    ),
    removeImage,
  );
  const set = image.command('set').description('describe a repository, and say which of its tags stay');
  perform(
    set
      .argument('<repository>')
      .addOption(
        option('--keep-last <number>', 'only the newest so many tags', wholeNumber('number of tags', 1, 10_000)),
      )
      .addOption(option('--keep-tags <globs>', "tags that stay in any case, like 'v*,release-*'", parseTagGlobs))
      .option('--keep-all', 'all tags')
      .option('--description <text>', 'what it is')
      .addHelpText('after', '\nThe rules that are given replace the earlier ones.'),
    setRepository,
  );
  const bounds = image.command('limits').description('show or set how fast each host may move layers');
  perform(
    bounds
      .addOption(option('--upload <rate>', "to other hosts, like 50m for 50 MiB/s; or 'none'", parseRate))
      .addOption(option('--download <rate>', "from other hosts; or 'none'", parseRate))
      .addOption(option('--origin <rate>', "from other registries; or 'none'", parseRate))
      .option('--none', 'no bounds at all'),
    setLimits,
  );
}

async function removeImage(session: Session, flags: RemoveFlags, args: readonly string[]): Promise<void> {
  const [text] = words(args);
  const { repository, reference } = parseImage(text);
  if ((reference === undefined) !== (flags.all === true)) {
    throw usage(
      `'${text}' must be NAME:TAG or NAME@DIGEST`,
      `the whole repository: shoal image rm ${repository} --all`,
    );
  }
  const isTag = reference !== undefined && !reference.includes(':');
  if (isTag && flags.force === true) throw usage('--force is of no use for a tag: nothing needs one');
  const what = reference === undefined ? 'all its images' : isTag ? 'the tag; what it stands for stays' : 'the image';
  await confirm(session, flags, text, `This removes ${text}: ${what}.`);
  const api = await session.api();
  const path = route`/v1/repositories/${repository}`;
  const query = flags.force === true ? '?force=true' : '';
  await api.send('DELETE', `${path}${reference === undefined ? '' : route`/images/${reference}`}${query}`);
  session.say(`${text} removed`);
}

async function setRepository(session: Session, flags: SettingFlags, args: readonly string[]): Promise<void> {
  const name = parseRepository(words(args)[0]);
  const { keepLast, keepTags, keepAll, description } = flags;
  const hasRules = keepLast !== undefined || keepTags !== undefined;
  if (hasRules && keepAll === true) throw usage('--keep-all keeps what --keep-last and --keep-tags would not');
  if (!hasRules && keepAll !== true && description === undefined) throw usage('nothing is to be set');
  const rules = {
    ...(keepLast === undefined ? {} : { keepLast }),
    ...(keepTags === undefined ? {} : { keepTags }),
  };
  const api = await session.api();
  const { body } = await api.send('PATCH', route`/v1/repositories/${name}`, {
    ...(hasRules ? { retention: rules } : keepAll === true ? { retention: null } : {}),
    ...(description === undefined ? {} : { description }),
  });
  if (session.options.json === true) return session.json(body);
  session.say(`repository ${name} set`);
}

async function setLimits(session: Session, flags: LimitFlags): Promise<void> {
  const { none, ...rates } = flags;
  const isChange = Object.keys(rates).length > 0;
  if (none === true && isChange) throw usage('--none lifts all bounds: give it alone');
  const wanted = none === true ? ({ upload: 'none', download: 'none', origin: 'none' } as const) : rates;
  const api = await session.api();
  const settings =
    none === true || isChange
      ? ((await api.send('PATCH', '/v1/image-settings', asRates(wanted))).body as ImageSettings)
      : await api.get<ImageSettings>('/v1/image-settings');
  if (session.options.json === true) return session.json(settings);
  const shown = (rate: number | undefined) => (rate === undefined ? 'no bound' : `${formatBytes(rate)}/s`);
  const fields = [
    ['to other hosts', shown(settings.uploadBytesPerS)],
    ['from other hosts', shown(settings.downloadBytesPerS)],
    ['from other registries', shown(settings.originBytesPerS)],
  ] as const;
  session.lines(fieldLines(fields, session.paint));
}

const asRates = ({ upload, download, origin }: Omit<LimitFlags, 'none'>) => ({
  ...(upload === undefined ? {} : { uploadBytesPerS: boundOrNull(upload) }),
  ...(download === undefined ? {} : { downloadBytesPerS: boundOrNull(download) }),
  ...(origin === undefined ? {} : { originBytesPerS: boundOrNull(origin) }),
});
