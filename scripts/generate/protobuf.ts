import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Generated } from '../generate.ts';

const run = promisify(execFile);
const banner = '// Generated from protocol/proto by scripts/generate.ts. Do not edit.\n';

/** Encoders and decoders of everything in `protocol/proto`, as one module with types beside it. */
export async function protobuf(root: string): Promise<readonly Generated[]> {
  const bin = join(root, 'node_modules', '.bin');
  const proto = join(root, 'protocol', 'proto');
  const sources = ['auction', 'call', 'gossip', 'join'].map((name) => join(proto, `${name}.proto`));
  const scratch = await mkdtemp(join(tmpdir(), 'shoal-generate-'));
  try {
    const commented = join(scratch, 'commented.js');
    const options = [
      'no-create',
      'no-verify',
      'no-convert',
      'no-delimited',
      'no-typeurl',
      'no-service',
      'force-number',
    ];
    const pbjs = ['-t', 'static-module', '-w', 'esm', '-p', proto, ...options.map((option) => `--${option}`)];
    const { stdout: script } = await run(join(bin, 'pbjs'), [...pbjs, '--no-comments', ...sources]);
    // The types are read from the comments.
    const { stdout: source } = await run(join(bin, 'pbjs'), [...pbjs, ...sources]);
    await writeFile(commented, source);
    const { stdout: types } = await run(join(bin, 'pbts'), [commented]);
    return [
      { path: 'protocol/generated/wire.js', text: banner + withNumbers(script) },
      { path: 'protocol/generated/wire.d.ts', text: banner + types.replace(/^import Long = .*\n/m, '') },
    ];
  } finally {
    await rm(scratch, { recursive: true });
  }
}

/** 64-bit fields become plain numbers: every size and counter of ours stays below 2^53, and decoders check it. */
function withNumbers(script: string): string {
  const imported = /^import \$protobuf from "protobufjs\/minimal\.js";\n/m;
  if (!imported.test(script)) throw new Error('the generated module imports its runtime in another way than expected');
  return script.replace(imported, (line) => `${line}$protobuf.util.Long = null;\n$protobuf.configure();\n`);
}
