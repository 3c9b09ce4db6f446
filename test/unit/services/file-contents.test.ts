import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { keys } from '../../../agent/core/catalog/keys.ts';
import type { CatalogRecord } from '../../../agent/core/catalog/record.ts';
import { rank } from '../../../agent/core/rendezvous.ts';
import type { CallHandler } from '../../../agent/ports/transport.ts';
import { FileContents } from '../../../agent/services/files/file-contents.ts';
import { ShoalError } from '../../../protocol/errors.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { CatalogMember, hostIdOf } from './member.ts';

const content = Buffer.from('port = 80\n');
const sha256 = createHash('sha256').update(content).digest('hex');
const name = { group: 'team', app: 'web', sha256 };
const key = keys.file('team', 'web', sha256);
const record = { group: 'team', app: 'web', sizeBytes: content.length, contentBase64: content.toString('base64') };
const others = ['a', 'b', 'c', 'd', 'e', 'f'].map(hostIdOf);

type Answer = Uint8Array | undefined;

/** One member's contents; `answerOf` plays the other members, and says nothing for one that is away. */
function world(answerOf: (hostId: HostId, round: number) => Answer = () => undefined) {
  const member = new CatalogMember();
  const asked: HostId[] = [];
  let handler: CallHandler | undefined;
  const contents = new FileContents({
    catalog: member.catalog,
    clock: member.clock,
    aliveIds: () => [hostIdOf('self'), ...others],
    transport: {
      hostId: hostIdOf('self'),
      handle: (_method, handle) => {
        handler = handle;
      },
      call: async (to) => {
        asked.push(to);
        const answer = answerOf(to, Math.ceil(asked.length / 4));
        if (answer === undefined) throw new ShoalError('host-unreachable', 'away');
        return answer;
      },
    },
  });
  const serve = (body: object) => {
    if (handler === undefined) throw new Error('nothing is served');
    return handler(hostIdOf('a'), Buffer.from(JSON.stringify(body)), new AbortController().signal);
  };
  const fetch = async () => {
    const fetching = contents.fetch(name, new AbortController().signal);
    fetching.catch(() => undefined);
    await member.clock.advance(10_000);
    return fetching;
  };
  return { member, contents, asked, serve, fetch };
}

describe('the content of a file', () => {
  it("is this member's own when it has it, and given to others", async () => {
    const { member, fetch, asked, serve } = world();
    await member.put(key, record);
    expect(Buffer.from(await fetch())).toEqual(content);
    expect(asked).toEqual([]);
    expect(Buffer.from(await serve(name))).toEqual(content);
    await expect(serve({ ...name, sha256: 'b'.repeat(64) })).rejects.toMatchObject({ code: 'not-found' });
    await expect(serve({ ...name, sha256: '../x' })).rejects.toMatchObject({ code: 'invalid-request' });
  });

  it('is found among the losers when a deletion won over the version that needs it', async () => {
    const { member, contents } = world();
    await member.receive(key, record);
    await member.clock.advance(5);
    const author = hostIdOf('later');
    const hlc = `${member.clock.nowMs().toString(16).padStart(12, '0')}-0000-${author}` as CatalogRecord['hlc'];
    await member.catalog.commit([{ key, hlc, author, deleted: true, value: '', ancestors: [] }]);
    expect(member.catalog.get(key)).toBeUndefined();
    expect(contents.held(name)).toEqual(content);
  });

  it("comes from the app's steward or its heirs otherwise; what is not what its digest says counts as nothing", async () => {
    const ranked = rank(keys.app('team', 'web'), others, 4);
    const { fetch, asked } = world((hostId) => (hostId === ranked[2] ? content : Buffer.from('lies')));
    expect(Buffer.from(await fetch())).toEqual(content);
    expect(asked).toEqual(ranked.slice(0, 3));
  });

  it('is asked for again when nobody has it yet', async () => {
    const { fetch } = world((_hostId, round) => (round < 3 ? undefined : content));
    expect(Buffer.from(await fetch())).toEqual(content);
  });

  it('that nobody has is said to be missing after a few rounds', async () => {
    const { fetch, asked } = world();
    await expect(fetch()).rejects.toMatchObject({ code: 'not-found' });
    expect(asked).toHaveLength(12);
  });

  it('that is not what its key says is not there', async () => {
    const { member } = world();
    const lies = { ...record, contentBase64: Buffer.from('lies').toString('base64') };
    await expect(member.put(key, lies)).rejects.toMatchObject({ code: 'invalid-request' });
  });
});
