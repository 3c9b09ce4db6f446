import { describe, expect, it } from 'vitest';
import { keys } from '../../../agent/core/catalog/keys.ts';
import { MeshView } from '../../../agent/services/view/mesh-view.ts';
import type { HostId } from '../../../protocol/ids.ts';
import type { ContainerState, HostRecord, Liveness } from '../../../protocol/schemas/host.ts';
import { CatalogMember, hostIdOf } from './member.ts';

const [one, two] = [hostIdOf('one'), hostIdOf('two')];

async function world() {
  const member = new CatalogMember('one');
  const status = new Map<HostId, Liveness>();
  const view = new MeshView({
    catalog: member.catalog,
    clock: member.clock,
    liveness: {
      status: (hostId) => ({ status: status.get(hostId) ?? 'alive', sinceMs: 0, incarnation: 1 }),
      isIsolated: () => false,
    },
  });
  const admit = (hostId: HostId, name: string) =>
    member.put(keys.member(hostId), { hostId, name, addresses: ['/x'], joinedAt: 'now', joinedWith: 'init' });
  await admit(one, 'h1');
  await admit(two, 'h2');
  const setStatus = (hostId: HostId, to: Liveness) => {
    status.set(hostId, to);
    view.livenessChanged(hostId);
  };
  return { member, view, admit, setStatus };
}

const recordOf = (hostId: HostId, name: string, apps: readonly string[] = []) =>
  ({
    hostId,
    name,
    addresses: [],
    labels: { zone: 'a' },
    containers: apps.map((app) => ({ id: `ct_${app}`, group: 'team', app }) as unknown as ContainerState),
  }) as unknown as HostRecord;

describe('MeshView', () => {
  it('makes a list once, until something changes', async () => {
    const { view } = await world();
    for (const read of [() => view.memberIds(), () => view.aliveIds(), () => view.hosts(), () => view.containers()]) {
      expect(read()).toBe(read());
    }
  });

  it.each([
    { name: 'an eviction', change: (w: World) => w.member.put(keys.eviction(two), { any: 1 }), expected: ['h1 alive'] },
    {
      name: 'an admission',
      change: (w: World) => w.admit(hostIdOf('three'), 'h3'),
      expected: ['h1 alive', 'h2 alive', 'h3 alive'],
    },
    {
      name: 'a death',
      change: async (w: World) => w.setStatus(two, 'dead'),
      expected: ['h1 alive', 'h2 dead'],
    },
    {
      name: 'a host record',
      change: async (w: World) => w.view.setRecord(recordOf(two, 'renamed')),
      expected: ['h1 alive', 'renamed alive zone=a'],
    },
    {
      name: "operators' labels",
      change: (w: World) => w.member.put(keys.host(one), { hostId: one, labels: { disk: 'ssd' }, cordoned: true }),
      expected: ['h1 alive cordoned disk=ssd', 'h2 alive'],
    },
  ])('shows $name at once', async ({ change, expected }) => {
    const w = await world();
    w.view.hosts();
    await change(w);
    const shown = w.view.hosts().map(({ name, status, cordoned, labels }) => {
      const marks = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
      return [name, status, ...(cordoned ? ['cordoned'] : []), ...marks].join(' ');
    });
    expect(shown).toEqual(expected);
  });

  it('counts suspects among those to ask, and dead ones not', async () => {
    const { view, setStatus } = await world();
    setStatus(two, 'suspect');
    expect(view.aliveIds()).toEqual([one, two].sort());
    setStatus(two, 'dead');
    expect(view.aliveIds()).toEqual([one]);
    expect(view.surroundings()).toMatchObject({ majority: false });
  });

  it('shows containers with their hosts, and finds those of an app', async () => {
    const { view, setStatus } = await world();
    view.setRecord(recordOf(one, 'h1', ['web']));
    view.setRecord(recordOf(two, 'h2', ['web', 'db']));
    view.containers();
    setStatus(two, 'dead');
    expect(view.containers().map((c) => `${c.app}@${c.hostName} ${c.hostStatus}`)).toEqual([
      'web@h1 alive',
      'web@h2 dead',
      'db@h2 dead',
    ]);
    expect(view.containersOf('team', 'web').map(({ hostId }) => hostId)).toEqual([one, two]);
    expect(view.containersOf('other', 'web')).toEqual([]);
  });

  it('forgets an evicted host with everything on it', async () => {
    const { view, member } = await world();
    view.setRecord(recordOf(two, 'h2', ['web']));
    await member.put(keys.eviction(two), {});
    view.forget(two);
    expect(view.containers()).toEqual([]);
    expect(view.containersOf('team', 'web')).toEqual([]);
    expect(view.host(two)).toBeUndefined();
    expect(view.isMember(two)).toBe(false);
  });

  it('says how long it has not heard what runs on some host', async () => {
    const { view, member, setStatus } = await world();
    view.setRecord(recordOf(one, 'h1'));
    await member.clock.advance(7_000);
    expect(view.surroundings().unseenMs).toBe(7_000);
    setStatus(two, 'left');
    expect(view.surroundings().unseenMs).toBeUndefined();
    setStatus(two, 'dead');
    view.setRecord(recordOf(two, 'h2'));
    expect(view.surroundings().unseenMs).toBeUndefined();
  });
});

type World = Awaited<ReturnType<typeof world>>;
