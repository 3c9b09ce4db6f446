import type { Command } from 'commander';
import { usage } from '../failure.ts';
import { parseHosts, parseImage } from '../parse/image.ts';
import { parseDuration, parseName } from '../parse/values.ts';
import { collect, type Perform, words } from '../perform.ts';
import type { Session } from '../session.ts';
import { type DetachFlag, detachable, followAnswer } from './follow.ts';
import { option } from './spec-flags.ts';

interface HostFlags extends DetachFlag {
  readonly host?: readonly string[];
}

/** Work that hosts do, each its part: `preheat`, `verify`, `gc`. */
export function addImageWork(image: Command, perform: Perform): void {
  const preheat = image.command('preheat').description('bring an image to hosts before something runs it there');
  perform(
    detachable(
      onHosts(preheat.argument('<image>')).option(
        '--cluster <name>',
        "the hosts of a cluster; 'default' is all of them",
      ),
    ),
    preheatImage,
  );
  const verify = image.command('verify').description('have hosts compare what they store with its digests');
  perform(detachable(onHosts(verify)), verifyImages);
  const gc = image.command('gc').description('have hosts drop what nothing needs any more');
  perform(
    detachable(onHosts(gc).addOption(option('--grace <duration>', 'what is younger stays, like 2h', parseDuration))),
    collectImages,
  );
}

const onHosts = (command: Command): Command =>
  command.option('--host <hosts>', 'only on these, like h1,h2; unless given on all that are there', collect);

const hostsOf = ({ host }: HostFlags) => (host === undefined ? {} : { hosts: parseHosts(host) });

async function preheatImage(
  session: Session,
  flags: HostFlags & { readonly cluster?: string },
  args: readonly string[],
): Promise<void> {
  const [image] = words(args);
  parseImage(image);
  if (flags.host !== undefined && flags.cluster !== undefined) throw usage('give --host or --cluster, not both');
  const api = await session.api();
  const answer = await api.send('POST', '/v1/images/preheat', {
    image,
    ...hostsOf(flags),
    ...(flags.cluster === undefined ? {} : { cluster: parseName(flags.cluster, 'cluster') }),
  });
  await followAnswer(session, flags, answer, `${image}: nothing to do`);
}

async function verifyImages(session: Session, flags: HostFlags): Promise<void> {
  const api = await session.api();
  const answer = await api.send('POST', '/v1/images/verify', hostsOf(flags));
  await followAnswer(session, flags, answer, 'nothing to do');
}

async function collectImages(session: Session, flags: HostFlags & { readonly grace?: number }): Promise<void> {
  const api = await session.api();
  const answer = await api.send('POST', '/v1/images/collect', {
    ...hostsOf(flags),
    ...(flags.grace === undefined ? {} : { graceMs: flags.grace }),
  });
  await followAnswer(session, flags, answer, 'nothing to do');
}
