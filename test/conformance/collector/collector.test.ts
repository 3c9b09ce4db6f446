import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { NetCollectors } from '../../../agent/adapters/collector/net-collectors.ts';
import { type ForwardedLine, octetCounted, syslogMessage } from '../../../agent/core/forward/line.ts';
import { waitFor } from '../../framework/wait.ts';

const signal = new AbortController().signal;
const line = (text: string): ForwardedLine => ({
  ...{ at: '2026-01-31T12:00:00.123456789Z', host: 'h1', group: 'team', app: 'web', replica: 0, version: 1 },
  ...{ container: 'team-web-0-abcd', containerId: 'ct_1', stream: 'stdout', text },
});
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});
const portOf = async (server: Server): Promise<number> => {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};

describe('a syslog collector', () => {
  it('gets messages behind their length, and the last batch again after its connection broke', async () => {
    let received = '';
    const sockets: Socket[] = [];
    const port = await portOf(
      createServer((socket) => {
        sockets.push(socket);
        socket
          .on('error', () => {})
          .on('data', (chunk) => {
            received += chunk;
          });
      }),
    );
    const collector = new NetCollectors().open({ url: `syslog+tcp://127.0.0.1:${port}`, verify: true });
    await collector.send([line('one'), line('caf\u00e9')], signal);
    await waitFor('both', () => received.includes('caf\u00e9'));
    expect(received).toBe(octetCounted(syslogMessage(line('one'))) + octetCounted(syslogMessage(line('caf\u00e9'))));
    received = '';
    for (const socket of sockets) socket.destroy();
    // It may look as if it was sent: nobody has noticed yet that the connection is gone.
    await collector.send([line('three')], signal).catch(() => collector.send([line('three')], signal));
    await waitFor('the fourth', async () => {
      await collector.send([line('four')], signal).catch(() => {});
      return received.includes('four');
    });
    expect(received).toContain('three');
    collector.close();
  });

  it('with TLS has to prove who it is, by an authority that is trusted, unless people say otherwise', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'shoal-tls-'));
    const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
    const named = ['-subj', '/CN=collector', '-addext', 'subjectAltName=IP:127.0.0.1'];
    execFileSync('openssl', [...request, ...named, '-keyout', keyFile, '-out', certFile], { stdio: 'ignore' });
    const [key, caPem] = [keyFile, certFile].map((file) => readFileSync(file, 'utf8'));
    rmSync(folder, { recursive: true });
    let received = '';
    const server = createTlsServer({ key, cert: caPem }, (socket) =>
      socket
        .on('error', () => {})
        .on('data', (chunk) => {
          received += chunk;
        }),
    );
    const url = `syslog+tls://127.0.0.1:${await portOf(server)}`;
    const trusting = new NetCollectors().open({ url, verify: true, ...(caPem === undefined ? {} : { caPem }) });
    await trusting.send([line('trusted')], signal);
    const careless = new NetCollectors().open({ url, verify: false });
    await careless.send([line('unchecked')], signal);
    await waitFor('both', () => received.includes('trusted') && received.includes('unchecked'));
    const strict = new NetCollectors().open({ url, verify: true });
    await expect(strict.send([line('secret')], signal)).rejects.toMatchObject({ code: 'upstream-unavailable' });
    expect(received).not.toContain('secret');
    for (const collector of [trusting, careless, strict]) collector.close();
  });

  it('that is not there, or proves nothing with TLS, fails with a code', async () => {
    const port = await portOf(createServer((socket) => socket.on('error', () => {}).end('no TLS here\n')));
    for (const url of ['syslog+tcp://127.0.0.1:1', `syslog+tls://127.0.0.1:${port}`]) {
      const collector = new NetCollectors().open({ url, verify: true });
      await expect(collector.send([line('x')], signal)).rejects.toMatchObject({ code: 'upstream-unavailable' });
      collector.close();
    }
  });
});

describe('an HTTP collector', () => {
  it('gets JSON lines with the secret header; a refusal is one', async () => {
    let received = '';
    let status = 204;
    const port = await portOf(
      createHttpServer((request, answer) => {
        request.on('data', (chunk) => {
          received += chunk;
        });
        request.on('end', () => {
          received += request.headers['x-key'];
          answer.writeHead(status).end();
        });
      }),
    );
    const header = { name: 'x-key', value: 'secret' };
    const collector = new NetCollectors().open({ url: `http://127.0.0.1:${port}/in`, header, verify: true });
    await collector.send([line('one'), line('two')], signal);
    expect(received).toBe(`${JSON.stringify(line('one'))}\n${JSON.stringify(line('two'))}\nsecret`);
    status = 401;
    await expect(collector.send([line('x')], signal)).rejects.toMatchObject({ code: 'upstream-denied' });
    status = 500;
    await expect(collector.send([line('x')], signal)).rejects.toMatchObject({ code: 'upstream-unavailable' });
    collector.close();
  });
});
