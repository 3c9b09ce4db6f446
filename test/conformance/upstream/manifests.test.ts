import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../agent/adapters/system-clock.ts';
import { UpstreamClient } from '../../../agent/adapters/upstream/upstream-client.ts';
import { VirtualClock } from '../../../agent/ports/clock-virtual.ts';
import type { UpstreamAccess } from '../../../agent/ports/upstream.ts';
import { waitFor } from '../../framework/wait.ts';
import { digestOf, ScriptedRegistry } from './scripted-registry.ts';

const never = new AbortController().signal;
const MANIFEST = Buffer.from(JSON.stringify({ schemaVersion: 2 }));
const TYPE = 'application/vnd.oci.image.manifest.v1+json';
const LOGIN = { username: 'mila', password: 'a very secret word' };

const registries: ScriptedRegistry[] = [];
const clients: UpstreamClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await Promise.all(registries.splice(0).map((registry) => registry.stop()));
});

async function registry(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const started = await ScriptedRegistry.start(answer);
  registries.push(started);
  return started;
}

function client(clock = systemClock): UpstreamClient {
  const made = new UpstreamClient({ clock });
  clients.push(made);
  return made;
}

const at = ({ url }: { url: string }, login: UpstreamAccess['login'] = undefined): UpstreamAccess => ({ url, login });
const refuse = (response: ServerResponse, challenge: string) =>
  response.writeHead(401, { 'www-authenticate': challenge }).end('{"errors":[]}');

function sendManifest(response: ServerResponse, bytes = MANIFEST, digest: string | undefined = digestOf(bytes)) {
  response.writeHead(200, {
    'content-type': TYPE,
    'content-length': bytes.length,
    ...(digest === undefined ? {} : { 'docker-content-digest': digest }),
  });
  response.end(bytes);
}

describe('manifests of an upstream', () => {
  it('come with digest and media type, by tag and by digest, of both algorithms', async () => {
    const hub = await registry((_request, response) => sendManifest(response, MANIFEST, undefined));
    const got = await client().manifest(at(hub), 'library/nginx', 'latest', never);
    expect(got).toEqual({ digest: digestOf(MANIFEST), mediaType: TYPE, bytes: MANIFEST });
    const sha512 = digestOf(MANIFEST, 'sha512');
    expect((await client().manifest(at(hub), 'library/nginx', sha512, never)).digest).toBe(sha512);
    expect(hub.asked.map(({ path }) => path)).toEqual([
      '/v2/library/nginx/manifests/latest',
      `/v2/library/nginx/manifests/${sha512}`,
    ]);
  });

  it('are refused when they do not have the digest that was asked for, or that the registry says', async () => {
    const liar = await registry((_request, response) => sendManifest(response, MANIFEST, digestOf(Buffer.from('x'))));
    const silent = await registry((_request, response) => sendManifest(response, MANIFEST, undefined));
    const wrong = { code: 'upstream-unavailable' };
    await expect(client().manifest(at(liar), 'a', 'b', never)).rejects.toMatchObject(wrong);
    const other = digestOf(Buffer.from('y'));
    await expect(client().manifest(at(silent), 'a', other, never)).rejects.toMatchObject(wrong);
  });

  it('are refused when they are larger than may be, without taking it all', async () => {
    let sent = 0;
    const huge = await registry((_request, response) => {
      response.writeHead(200, { 'content-type': TYPE });
      const more = () => {
        for (let isRoom = true; isRoom && sent < 64 * 1_048_576; ) {
          sent += 65_536;
          isRoom = response.write(Buffer.alloc(65_536, 0x20));
        }
      };
      response.on('drain', more);
      more();
    });
    await expect(client().manifest(at(huge), 'a', 'b', never)).rejects.toMatchObject({ code: 'upstream-unavailable' });
    expect(sent).toBeLessThan(32 * 1_048_576);
  });

  it('are looked up by HEAD, and by GET where HEAD is unknown or tells no digest', async () => {
    const good = await registry((_request, response) => sendManifest(response));
    expect(await client().resolve(at(good), 'a', 'b', never)).toBe(digestOf(MANIFEST));
    expect(good.asked.map(({ method }) => method)).toEqual(['HEAD']);
    const mute = await registry((_request, response) => sendManifest(response, MANIFEST, undefined));
    expect(await client().resolve(at(mute), 'a', 'b', never)).toBe(digestOf(MANIFEST));
    const headless = await registry((request, response) => {
      if (request.method === 'HEAD') response.writeHead(405).end();
      else sendManifest(response);
    });
    expect(await client().resolve(at(headless), 'a', 'b', never)).toBe(digestOf(MANIFEST));
  });

  it.each([
    { status: 401, code: 'upstream-denied' },
    { status: 403, code: 'upstream-denied' },
    { status: 404, code: 'not-found' },
    { status: 418, code: 'upstream-unavailable' },
    { status: 429, code: 'upstream-unavailable' },
    { status: 500, code: 'upstream-unavailable' },
  ])('answered with $status are the error $code, which names registry and status', async ({ status, code }) => {
    const sad = await registry((_request, response) => response.writeHead(status).end('secret text of the network'));
    const expected = { code, message: `${sad.host}/a/b:c: the registry answers ${status}.` };
    await expect(client().manifest(at(sad), 'a/b', 'c', never)).rejects.toMatchObject(expected);
    await expect(client().resolve(at(sad), 'a/b', 'c', never)).rejects.toMatchObject(expected);
  });

  it('of a dead or garbled registry are unavailable', async () => {
    const dead = await registry(() => {});
    const { url } = dead;
    await dead.stop();
    registries.splice(0);
    await expect(client().manifest(at({ url }), 'a', 'b', never)).rejects.toMatchObject({
      code: 'upstream-unavailable',
      message: expect.stringContaining('ECONNREFUSED'),
    });
    const garbled = createServer((socket) =>
      socket
        .on('error', () => {})
        .resume()
        .end('\x01\x02garbage\r\n\r\n'),
    );
    await new Promise<void>((resolve) => garbled.listen(0, '127.0.0.1', resolve));
    const port = (garbled.address() as AddressInfo).port;
    const asked = client().manifest(at({ url: `http://127.0.0.1:${port}` }), 'a', 'b', never);
    await expect(asked).rejects.toMatchObject({ code: 'upstream-unavailable' });
    await new Promise((resolve) => garbled.close(resolve));
  });

  it('are had from a registry that was restarted, although the kept connections to it are dead', async () => {
    const dead = new Set<unknown>();
    const hub = await registry((request, response) => {
      if (dead.has(request.socket)) request.socket.resetAndDestroy();
      else sendManifest(response);
    });
    const asking = client();
    await Promise.all(['b', 'c', 'd'].map((tag) => asking.manifest(at(hub), 'a', tag, never)));
    for (const socket of hub.sockets) dead.add(socket);
    expect((await asking.manifest(at(hub), 'a', 'e', never)).digest).toBe(digestOf(MANIFEST));
    expect(hub.asked.filter(({ path }) => path.endsWith('/e'))).toHaveLength(1 + dead.size);
  });

  it('are asked for once when a fresh connection breaks', async () => {
    const broken = await registry((request) => request.socket.resetAndDestroy());
    await expect(client().manifest(at(broken), 'a', 'b', never)).rejects.toMatchObject({
      code: 'upstream-unavailable',
      message: expect.stringContaining('ECONNRESET'),
    });
    expect(broken.asked).toHaveLength(1);
  });

  it.each([
    { name: 'never answers', begin: (_response: ServerResponse) => {} },
    {
      name: 'stops in the middle',
      begin: (response: ServerResponse) => {
        response.writeHead(200, { 'content-type': TYPE, 'content-length': 1_000 }).write('{');
      },
    },
  ])('of a registry that $name end in time', async ({ begin }) => {
    const clock = new VirtualClock();
    const slow = await registry((_request, response) => begin(response));
    const got = client(clock).manifest(at(slow), 'a', 'b', never);
    const ended = got.catch((error: unknown) => error);
    await waitFor('the request', () => slow.asked.length === 1);
    const error = await waitFor('the end', async () => {
      await clock.advance(1_000);
      return Promise.race([ended, undefined]);
    });
    expect(error).toMatchObject({ code: 'timeout' });
    expect(clock.pending).toBe(0);
  });

  it('end at once when the caller cancels', async () => {
    const slow = await registry((_request, response) => {
      response.writeHead(200, { 'content-type': TYPE, 'content-length': 1_000 }).write('{');
    });
    const cancel = new AbortController();
    const got = client().manifest(at(slow), 'a', 'b', cancel.signal);
    await waitFor('the request', () => slow.asked.length === 1);
    cancel.abort();
    await expect(got).rejects.toMatchObject({ code: 'cancelled' });
    await expect(client().resolve(at(slow), 'a', 'b', cancel.signal)).rejects.toMatchObject({ code: 'cancelled' });
  });

  it.each(['../../etc', 'A', 'a//b', 'a?x=1', ''])('are not asked for by the name %j', async (name) => {
    const hub = await registry((_request, response) => sendManifest(response));
    await expect(client().manifest(at(hub), name, 'b', never)).rejects.toMatchObject({ code: 'invalid-request' });
    await expect(client().manifest(at(hub), 'a', `../${name}`, never)).rejects.toMatchObject({
      code: 'invalid-request',
    });
    expect(hub.asked).toEqual([]);
  });
});

describe('a proxy', () => {
  it('is asked for what is not excepted, and told where to', async () => {
    const hub = await registry((_request, response) => sendManifest(response));
    const proxy = await registry((request, response) => {
      if (request.url === 'http://hub.test:5000/v2/a/manifests/b') sendManifest(response);
      else response.writeHead(502).end();
    });
    const asking = new UpstreamClient({
      clock: systemClock,
      proxies: { HTTP_PROXY: proxy.url, NO_PROXY: '127.0.0.1' },
    });
    clients.push(asking);
    expect((await asking.manifest({ url: 'http://hub.test:5000' } as UpstreamAccess, 'a', 'b', never)).digest).toBe(
      digestOf(MANIFEST),
    );
    await asking.manifest(at(hub), 'a', 'b', never);
    expect([proxy.asked.length, hub.asked.length]).toEqual([1, 1]);
  });

  it('that is not there is the reason that a pull fails', async () => {
    const gone = await registry(() => {});
    const { url } = gone;
    await gone.stop();
    registries.splice(0);
    const asking = new UpstreamClient({ clock: systemClock, proxies: { HTTPS_PROXY: url } });
    clients.push(asking);
    const asked = asking.manifest({ url: 'https://hub.test' } as UpstreamAccess, 'a', 'b', never);
    await expect(asked).rejects.toMatchObject({ code: 'upstream-unavailable' });
  });
});

describe('a registry that wants to know who asks', () => {
  /** Gives tokens at `/token`, and manifests to who has the last one. */
  function tokenRegistry({ expiresIn = 300, wants = undefined as string | undefined } = {}) {
    let count = 0;
    const valid = () => `Bearer token-${count}`;
    const made: Promise<ScriptedRegistry> = registry((request, response) => {
      const url = new URL(request.url ?? '', 'http://x');
      if (url.pathname === '/token') {
        if (wants !== undefined && request.headers.authorization !== wants) return response.writeHead(401).end();
        count += 1;
        return response.end(JSON.stringify({ token: `token-${count}`, expires_in: expiresIn }));
      }
      if (request.headers.authorization === valid()) return sendManifest(response);
      return refuse(
        response,
        `Bearer realm="http://${request.headers.host}/token",service="the registry",scope="repository:a:pull"`,
      );
    });
    return made;
  }
  const basic = `Basic ${Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString('base64')}`;

  it('gets a token without a login, and the same one again while it holds', async () => {
    const clock = new VirtualClock();
    const hub = await tokenRegistry();
    const asking = client(clock);
    await asking.manifest(at(hub), 'a', 'b', never);
    await asking.resolve(at(hub), 'a', 'b', never);
    const tokens = () => hub.asked.filter(({ path }) => path.startsWith('/token'));
    expect(tokens().map(({ path }) => path)).toEqual(['/token?service=the+registry&scope=repository%3Aa%3Apull']);
    expect(hub.asked.length).toBe(4);
    await clock.advance(300_000);
    await asking.manifest(at(hub), 'a', 'b', never);
    expect(tokens().length).toBe(2);
  });

  it('gets the login only where tokens are had, and a new token when the old one is no good any more', async () => {
    const hub = await tokenRegistry({ wants: basic });
    const asking = client();
    await asking.manifest(at(hub, LOGIN), 'a', 'b', never);
    await client().manifest(at(hub, LOGIN), 'a', 'b', never);
    await asking.manifest(at(hub, LOGIN), 'a', 'b', never);
    const isOnlyThere = hub.asked.every(
      ({ path, authorization }) => authorization !== basic || path.startsWith('/token'),
    );
    expect(isOnlyThere).toBe(true);
  });

  it('keeps the tokens of two logins apart', async () => {
    const hub = await tokenRegistry({ wants: basic });
    const asking = client();
    await asking.manifest(at(hub, LOGIN), 'a', 'b', never);
    const other = at(hub, { username: 'mila', password: 'wrong' });
    await expect(asking.manifest(other, 'a', 'b', never)).rejects.toMatchObject({ code: 'upstream-denied' });
    await expect(asking.manifest(at(hub), 'a', 'b', never)).rejects.toMatchObject({ code: 'upstream-denied' });
  });

  it('gets the login itself when it asks for that', async () => {
    const old = await registry((request, response) => {
      if (request.headers.authorization === basic) sendManifest(response);
      else refuse(response, 'Basic realm="x"');
    });
    const asking = client();
    await asking.manifest(at(old, LOGIN), 'a', 'b', never);
    await asking.manifest(at(old, LOGIN), 'a', 'b', never);
    expect(old.asked.map(({ authorization }) => authorization !== undefined)).toEqual([false, true, true]);
    const nobody = client().manifest(at(old), 'a', 'b', never);
    await expect(nobody).rejects.toMatchObject({ code: 'upstream-denied' });
  });

  it.each([
    { name: 'refuses for ever', challenge: 'Basic realm="x"', code: 'upstream-denied' },
    { name: 'asks for something unknown', challenge: 'Negotiate abc', code: 'upstream-denied' },
    { name: 'names no place for tokens', challenge: 'Bearer service="x"', code: 'upstream-denied' },
    { name: 'names a file for tokens', challenge: 'Bearer realm="file:///etc/passwd"', code: 'upstream-denied' },
    {
      name: 'has nobody who gives tokens',
      challenge: 'Bearer realm="http://127.0.0.1:1/"',
      code: 'upstream-unavailable',
    },
  ])('and $name: $code, and the password is in no message', async ({ challenge, code }) => {
    const odd = await registry((_request, response) => refuse(response, challenge));
    const error: unknown = await client()
      .manifest(at(odd, LOGIN), 'a', 'b', never)
      .catch((e: unknown) => e);
    expect(error).toMatchObject({ code });
    expect(String(error)).not.toContain(LOGIN.password);
  });

  it.each([
    { name: 'garbage', body: 'no json' },
    { name: 'no token', body: '{}' },
    { name: 'a token that breaks out of its header', body: '{"token":"a\\r\\nX-Evil: 1"}' },
    { name: 'endless text', body: `{"token":"${'a'.repeat(1_000_000)}"}` },
  ])('and gives $name for a token: upstream-unavailable', async ({ body }) => {
    const odd = await registry((request, response) => {
      if (request.url?.startsWith('/token')) response.end(body);
      else refuse(response, `Bearer realm="http://${request.headers.host}/token"`);
    });
    const asked = client().manifest(at(odd), 'a', 'b', never);
    await expect(asked).rejects.toMatchObject({ code: 'upstream-unavailable' });
  });
});
