import { describe, expect, it } from 'vitest';
import { hostsToml, pullPathOf, withMirror } from '../../../agent/cli/engine/pull-path.ts';

const mesh = { registry: 'http://127.0.0.1:5000', mirror: 'http://127.0.0.1:5001' };
const engine = { version: '20.10.24+dfsg1', hasContainerdStore: false, mirrors: [], isRootless: false };

describe('the way by which an engine pulls through the mesh', () => {
  it.each([
    ['20.10 with a graph driver', engine, 'registry-mirrors'],
    ['27 with the containerd store', { ...engine, version: '27.5.1', hasContainerdStore: true }, 'registry-mirrors'],
    ['29 with a graph driver', { ...engine, version: '29.0.0' }, 'registry-mirrors'],
    ['28 with the containerd store', { ...engine, version: '28.0.0', hasContainerdStore: true }, 'hosts-toml'],
  ])('of %s', (_, of, kind) => {
    expect(pullPathOf(of, mesh, () => undefined)).toMatchObject({ kind, isConfigured: false });
  });

  it('is there when the engine says so, or the file does', () => {
    const mirrored = { ...engine, mirrors: [mesh.mirror] };
    expect(pullPathOf(mirrored, mesh, () => undefined).isConfigured).toBe(true);
    const later = { ...engine, version: '29.1.0', hasContainerdStore: true };
    expect(pullPathOf(later, mesh, () => hostsToml(mesh.registry)).isConfigured).toBe(true);
  });
});

describe("the engine's configuration", () => {
  it.each([
    ['none yet', undefined, { 'registry-mirrors': [mesh.mirror] }],
    ['other settings', '{"debug": true}', { debug: true, 'registry-mirrors': [mesh.mirror] }],
    [
      'other mirrors',
      '{"registry-mirrors": ["https://m.test"]}',
      { 'registry-mirrors': [mesh.mirror, 'https://m.test'] },
    ],
    ['ours already', JSON.stringify({ 'registry-mirrors': [mesh.mirror] }), { 'registry-mirrors': [mesh.mirror] }],
  ])('gets the mesh as first mirror: %s', (_, before, after) => {
    expect(JSON.parse(withMirror(before, mesh.mirror))).toEqual(after);
  });

  it('that is no JSON object is left alone', () => {
    expect(() => withMirror('[1]', mesh.mirror)).toThrow('no JSON object');
    expect(() => withMirror('{', mesh.mirror)).toThrow();
  });
});
