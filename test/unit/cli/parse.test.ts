import { describe, expect, test } from 'vitest';
import { CliFailure } from '../../../agent/cli/failure.ts';
import { withCommandApart } from '../../../agent/cli/parse/command-words.ts';
import { parseConstraint, parseEnvFile, parsePort, parseVolume } from '../../../agent/cli/parse/container.ts';
import { describesVersion, specFromFlags } from '../../../agent/cli/parse/spec.ts';
import { parseSpecFile } from '../../../agent/cli/parse/spec-file.ts';
import {
  parseApp,
  parseCpu,
  parseDuration,
  parseMemory,
  parseReplicas,
  parseVersion,
} from '../../../agent/cli/parse/values.ts';
import { buildProgram } from '../../../agent/cli/program.ts';
import { fakeOutside } from './fake-outside.ts';

const MiB = 1024 * 1024;

describe('the command of shoal exec', () => {
  const program = buildProgram({
    outside: fakeOutside(),
    perform: () => {},
    runAgent: async () => {},
  });
  test.each([
    ['exec -it shop/web sh -c ls', 'exec -it shop/web -- sh -c ls'],
    ['exec -u root shop/web ls -t', 'exec -u root shop/web -- ls -t'],
    ['--context prod exec shop/web ls --json', '--context prod exec shop/web -- ls --json'],
    ['exec shop/web -- ls -t', 'exec shop/web -- ls -t'],
    ['exec -it shop/web', 'exec -it shop/web'],
    ['app show exec -q', 'app show exec -q'],
  ])('%s', (typed, meant) => {
    expect(withCommandApart(program, typed.split(' ')).join(' ')).toBe(meant);
  });
});

/** The words of a command line that people write, what they mean, and which are refused. */
const accepted: readonly [what: string, parse: (text: string) => unknown, text: string, expected: unknown][] = [
  ['memory', parseMemory, '256m', 256 * MiB],
  ['memory', parseMemory, '1.5G', 1536 * MiB],
  ['memory', parseMemory, '512MiB', 512 * MiB],
  ['memory', parseMemory, '64mb', 64 * MiB],
  ['memory', parseMemory, String(6 * MiB), 6 * MiB],
  ['cpu', parseCpu, '0.5', 500],
  ['cpu', parseCpu, '2', 2_000],
  ['cpu', parseCpu, '250m', 250],
  ['duration', parseDuration, '30s', 30_000],
  ['duration', parseDuration, '1h30m', 5_400_000],
  ['duration', parseDuration, '500ms', 500],
  ['duration', parseDuration, '7d', 604_800_000],
  ['replicas', parseReplicas, '0', 0],
  ['version', parseVersion, '3', 3],
  ['version as it is shown', parseVersion, 'v3', 3],
  ['app', parseApp, 'shop/web', { group: 'shop', app: 'web' }],
  ['port', parsePort, '80', { container: 80, protocol: 'tcp' }],
  ['port', parsePort, '53/udp', { container: 53, protocol: 'udp' }],
  ['port', parsePort, '8080:80/tcp', { host: 8080, container: 80, protocol: 'tcp' }],
  ['volume', parseVolume, 'data:/var/lib', { name: 'data', target: '/var/lib' }],
  ['volume', parseVolume, 'data:/var/lib:ro', { name: 'data', target: '/var/lib', readOnly: true }],
  ['constraint', parseConstraint, 'zone==a', { label: 'zone', op: '==', values: ['a'] }],
  ['constraint', parseConstraint, 'zone != a', { label: 'zone', op: '!=', values: ['a'] }],
  ['constraint', parseConstraint, 'zone in (a, b)', { label: 'zone', op: 'in', values: ['a', 'b'] }],
  ['constraint', parseConstraint, 'example.com/disk==ssd', { label: 'example.com/disk', op: '==', values: ['ssd'] }],
];

const refused: readonly [what: string, parse: (text: string) => unknown, text: string][] = [
  ['memory without a size', parseMemory, 'lots'],
  ['memory below what Docker takes', parseMemory, '1m'],
  ['a negative memory', parseMemory, '-5g'],
  ['memory beyond any host', parseMemory, '999999t'],
  ['no cpu', parseCpu, '0'],
  ['a duration without a unit', parseDuration, '30'],
  ['a fraction of a replica', parseReplicas, '1.5'],
  ['too many replicas', parseReplicas, '1001'],
  ['an app without a group', parseApp, 'web'],
  ['an app with a path', parseApp, 'a/b/c'],
  ['an upper-case name', parseApp, 'Shop/web'],
  ['port zero', parsePort, '0'],
  ['a port too high', parsePort, '70000'],
  ['a port on one address', parsePort, '127.0.0.1:80:80'],
  ['a range of ports', parsePort, '80-90'],
  ['an unknown protocol', parsePort, '80/sctp'],
  ['a directory of the host', parseVolume, '/etc:/etc'],
  ['a volume without a path', parseVolume, 'data'],
  ['a relative path', parseVolume, 'data:var'],
  ['a single equals sign', parseConstraint, 'zone=a'],
  ['an empty value', parseConstraint, 'zone=='],
];

describe('words of the command line', () => {
  test.each(accepted)('%s: %3$j', (_what, parse, text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  test.each(refused)('%s is refused as wrong usage', (_what, parse, text) => {
    const failure = attempt(() => parse(text));
    expect(failure).toBeInstanceOf(CliFailure);
    expect(failure).toMatchObject({ exitCode: 2 });
  });
});

function attempt(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

describe('env files', () => {
  test('skip comments and empty lines, keep values as they stand, and pass on named variables', () => {
    const text = '# comment\n\nA=1\r\nB=x=y "quoted"\n  C=\nHOME\n';
    expect(parseEnvFile(text, { HOME: '/root' })).toEqual([
      ['A', '1'],
      ['B', 'x=y "quoted"'],
      ['C', ''],
      ['HOME', '/root'],
    ]);
  });

  test('a variable that the shell does not have is an error, not an empty value', () => {
    expect(() => parseEnvFile('MISSING', {})).toThrow('MISSING');
  });
});

describe('a spec from flags', () => {
  const sources = { env: {}, readFile: () => Buffer.from('A=file\nB=file\n') };

  test('lays flags over the earlier version: single values replace, variables are added', () => {
    const base = { image: 'nginx:1', memoryBytes: 64 * MiB, env: { A: 'base', C: 'base' }, command: ['old'] };
    const flags = { image: 'nginx:2', envFile: ['f'], env: ['B=flag'] };
    expect(specFromFlags(base, flags, [], sources)).toEqual({
      image: 'nginx:2',
      memoryBytes: 64 * MiB,
      env: { A: 'file', B: 'flag', C: 'base' },
      command: ['old'],
    });
  });

  test('a health command runs in a shell, with the times beside it', () => {
    const spec = specFromFlags({ image: 'x' }, { healthCmd: 'curl -f localhost', healthRetries: 2 }, ['run'], sources);
    expect(spec.health).toEqual({ command: ['/bin/sh', '-c', 'curl -f localhost'], retries: 2 });
    expect(spec.command).toEqual(['run']);
  });

  test('flags that describe no version ask for none', () => {
    expect(describesVersion({}, [])).toBe(false);
    expect(describesVersion({ publish: [] }, [])).toBe(false);
    expect(describesVersion({ memory: 1 }, [])).toBe(true);
    expect(describesVersion({}, ['sh'])).toBe(true);
  });
});

/** Files of this machine in a test. */
const readFile = (path: string): Uint8Array => {
  if (path === './app.conf') return Buffer.from('port = 80\n');
  if (path === 'logo.bin') return Buffer.from([0, 255]);
  throw new Error(`no file ${path}`);
};

describe('configuration files', () => {
  const sources = { env: {}, readFile };

  test('are read and sent: text as text, other bytes as base64', () => {
    const configFile = ['./app.conf:/etc/app.conf', 'logo.bin:/srv/logo:0640'];
    expect(specFromFlags({ image: 'x' }, { configFile }, [], sources).files).toEqual([
      { path: '/etc/app.conf', content: 'port = 80\n' },
      { path: '/srv/logo', contentBase64: 'AP8=', mode: '0640' },
    ]);
    expect(describesVersion({ configFile }, [])).toBe(true);
  });

  test('take the place of those at their path in the earlier version; the others stay, by digest', () => {
    const old = { sha256: 'a'.repeat(64), sizeBytes: 1, mode: '0444' };
    const base = {
      image: 'x',
      files: [
        { path: '/etc/app.conf', ...old },
        { path: '/etc/b', ...old },
      ],
    };
    expect(specFromFlags(base, { configFile: ['./app.conf:/etc/app.conf'] }, [], sources).files).toEqual([
      { path: '/etc/b', ...old },
      { path: '/etc/app.conf', content: 'port = 80\n' },
    ]);
  });

  test.each(['app.conf', ':/etc/a', 'app.conf:etc/a', 'app.conf:/etc/a:rw', 'app.conf:/etc/a:644'])(
    '%s is refused with the form to write',
    (text) => {
      expect(() => specFromFlags({}, { configFile: [text] }, [], sources)).toThrow('LOCAL:/path/in/container');
    },
  );

  test('in a spec file have their content there, or in another file', async () => {
    const text = [
      'image: x',
      'files:',
      '- path: /etc/a',
      '  content: |',
      '    a = 1',
      '- path: /etc/b',
      '  source: ./app.conf',
      '  mode: "0400"',
    ].join('\n');
    expect((await parseSpecFile(text, 'web.yaml', readFile)).spec.files).toEqual([
      { path: '/etc/a', content: 'a = 1\n' },
      { path: '/etc/b', mode: '0400', content: 'port = 80\n' },
    ]);
  });

  test.each([
    ['a mode that YAML reads as a number', 'mode: 0644'],
    ['a source that is no path', 'source: [x]'],
  ])('%s in a spec file is refused', async (_what, line) => {
    const text = `image: x\nfiles:\n- path: /a\n  ${line}\n`;
    await expect(parseSpecFile(text, 'web.yaml', readFile)).rejects.toThrow('web.yaml');
  });
});

describe('a spec from a file', () => {
  test('reads YAML with friendly spellings, and passes unknown fields on for the server to judge', async () => {
    const text = 'image: nginx\nmemory: 128m\ncpu: 0.5\nreplicas: 3\ncluster: eu\nports: [{container: 80}]\ntypo: 1\n';
    expect(await parseSpecFile(text, 'web.yaml', readFile)).toEqual({
      spec: { image: 'nginx', memoryBytes: 128 * MiB, cpuMilli: 500, ports: [{ container: 80 }], typo: 1 },
      replicas: 3,
      cluster: 'eu',
    });
  });

  test.each([
    ['a list', '- a'],
    ['broken YAML', 'a: [1'],
    ['the same thing twice', 'memory: 128m\nmemoryBytes: 1'],
  ])('%s is refused with the name of the file', async (_what, text) => {
    await expect(parseSpecFile(text, 'web.yaml', readFile)).rejects.toThrow('web.yaml');
  });
});
