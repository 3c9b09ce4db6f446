import type { Command } from 'commander';
import type { BlobLocation, Image, ImageDetail, Repository } from '../../../protocol/schemas/image.ts';
import { route } from '../client/api.ts';
import { hasCode } from '../failure.ts';
import { meanings, parseImage, parseRepository } from '../parse/image.ts';
import { type Perform, words } from '../perform.ts';
import type { Session } from '../session.ts';
import { imageColumns, imageLines, LOCATION_COLUMNS, repositoryColumns } from '../view/images.ts';
import { addImageChanges } from './image-change.ts';
import { addImageTraffic } from './image-traffic.ts';
import { addImageWork } from './image-work.ts';

const DEFAULT_TAG = 'latest';

export function addImage(program: Command, perform: Perform): void {
  const image = program.command('image').description("images: what the mesh's registry has, and where");
  const list = image.command('ls').description('list repositories, or the images of one');
  perform(list.argument('[repository]').option('--prefix <text>', 'only repositories that begin so'), listImages);
  const show = image.command('show').description('show an image: layers, platforms, commit, what the tag was before');
  perform(show.argument('<image>', 'NAME, NAME:TAG or NAME@DIGEST'), showImage);
  const where = image.command('where').description('show which hosts hold the blobs of an image');
  perform(where.argument('<image>', 'NAME, NAME:TAG or NAME@DIGEST'), locateImage);
  addImageWork(image, perform);
  addImageTraffic(image, perform);
  addImageChanges(image, perform);
}

/** Reads from the first repository that a name may mean and that is there. */
async function readAs<T>(name: string, read: (repository: string) => Promise<T>): Promise<T> {
  const [first = name, ...others] = meanings(name);
  try {
    return await read(first);
  } catch (error) {
    if (!hasCode(error, 'not-found')) throw error;
    for (const other of others) {
      try {
        return await read(other);
      } catch (again) {
        if (!hasCode(again, 'not-found')) throw again;
      }
    }
    throw error;
  }
}

async function listImages(
  session: Session,
  flags: { readonly prefix?: string },
  args: readonly string[],
): Promise<void> {
  const api = await session.api();
  const [text] = words(args);
  if (text !== '') return listOne(session, parseRepository(text));
  const repositories = await api.list<Repository>('/v1/repositories', { prefix: flags.prefix });
  session.table(
    repositoryColumns(Date.now()),
    repositories,
    ({ name }) => name,
    'no images yet; push one on any host: docker push 127.0.0.1:5000/NAME:TAG',
  );
}

async function listOne(session: Session, name: string): Promise<void> {
  const api = await session.api();
  const images = await readAs(name, (repository) => api.list<Image>(route`/v1/repositories/${repository}/images`));
  const nameOf = ({ repository, tags, digest }: Image) =>
    tags[0] === undefined ? `${repository}@${digest}` : `${repository}:${tags[0]}`;
  session.table(imageColumns(Date.now()), images, nameOf, `no images in ${name}`);
}

async function showImage(session: Session, _flags: object, args: readonly string[]): Promise<void> {
  const { repository: name, reference = DEFAULT_TAG } = parseImage(words(args)[0]);
  const api = await session.api();
  const image = await readAs(name, (repository) =>
    api.get<ImageDetail>(route`/v1/repositories/${repository}/images/${reference}`),
  );
  if (session.options.json === true) return session.json(image);
  session.lines(imageLines(image, session.paint));
}

async function locateImage(session: Session, _flags: object, args: readonly string[]): Promise<void> {
  const { repository: name, reference = DEFAULT_TAG } = parseImage(words(args)[0]);
  const api = await session.api();
  const located = await readAs(name, (repository) =>
    api.list<BlobLocation>(route`/v1/repositories/${repository}/images/${reference}/locations`),
  );
  session.table(LOCATION_COLUMNS, located, ({ digest }) => digest, 'no blobs');
}
