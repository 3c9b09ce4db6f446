import { describe, expect, it } from 'vitest';
import {
  changeOf,
  draftOf,
  type ForwardDraft,
  faultsOf,
  forwardState,
} from '../../../console/screens/apps/forward-draft.ts';
import type { HostId } from '../../../protocol/ids.ts';
import type { LogForward } from '../../../protocol/schemas/log-forward.ts';

const stored: LogForward = {
  name: 'shop',
  url: 'https://logs.corp/in',
  scope: { group: 'shop', app: 'web' },
  headerName: 'Authorization',
  caPem: '-----BEGIN CERTIFICATE-----\nAA==',
  hasSecret: true,
  verify: false,
  updatedAt: '2030-01-01T00:00:00Z',
  updatedBy: 'admin',
  hosts: [],
  missing: [],
};
const fresh: ForwardDraft = { ...draftOf(undefined), name: 'siem', url: 'syslog+tcp://logs.corp:514' };

/** Shows what is sent for what somebody types: nothing that is not theirs to change, and no secret that stays. */
describe('a change of where logs go', () => {
  it.each<{ name: string; draft: ForwardDraft; before?: LogForward; expected: object }>([
    { name: 'a new one for all logs', draft: fresh, expected: { url: 'syslog+tcp://logs.corp:514', scope: {} } },
    {
      name: 'a group, encrypted',
      draft: { ...fresh, url: ' syslog+tls://logs.corp:6514 ', scope: 'shop' },
      expected: { url: 'syslog+tls://logs.corp:6514', scope: { group: 'shop' }, verify: true },
    },
    {
      name: 'saved as it was',
      draft: draftOf(stored),
      before: stored,
      expected: {
        url: stored.url,
        scope: stored.scope,
        headerName: 'Authorization',
        caPem: stored.caPem,
        verify: false,
      },
    },
    {
      name: 'another secret',
      draft: { ...draftOf(stored), headerValue: 'Bearer b' },
      before: stored,
      expected: { headerName: 'Authorization', headerValue: 'Bearer b' },
    },
    {
      name: 'header and authority taken away',
      draft: { ...draftOf(stored), headerName: '', caPem: ' ' },
      before: stored,
      expected: { headerName: null, headerValue: null, caPem: null },
    },
    {
      name: 'syslog from now on',
      draft: { ...draftOf(stored), url: 'syslog+tcp://logs.corp:514' },
      before: stored,
      expected: { url: 'syslog+tcp://logs.corp:514', headerName: null, headerValue: null },
    },
  ])('$name', ({ draft, before, expected }) => expect(changeOf(draft, before)).toMatchObject(expected));

  it('names no header and no certificate that there was not', () => {
    expect(Object.keys(changeOf(fresh, undefined))).toEqual(['url', 'scope']);
  });
});

/** Shows what can't be sent. */
it.each<{ name: string; draft: Partial<ForwardDraft>; before?: LogForward; expected: (keyof ForwardDraft)[] }>([
  { name: 'fine', draft: {}, expected: [] },
  { name: 'no name, no address', draft: { name: 'No', url: 'ftp://x' }, expected: ['name', 'url'] },
  { name: 'a header without a value', draft: { url: 'http://x', headerName: 'A' }, expected: ['headerValue'] },
  { name: 'a kept value', draft: { url: 'http://x', headerName: 'A' }, before: stored, expected: [] },
  { name: 'a value without a header', draft: { url: 'http://x', headerValue: 'v' }, expected: ['headerName'] },
  { name: 'no PEM', draft: { url: 'https://x', caPem: 'x' }, expected: ['caPem'] },
  { name: 'what syslog has not', draft: { headerName: 'a b', caPem: 'x' }, expected: [] },
])('a draft: $name', ({ draft, before, expected }) =>
  expect([...faultsOf({ ...fresh, ...draft }, before)]).toEqual(expected),
);

/** Shows that one host in trouble is not hidden by those that are well. */
it.each<{ states: LogForward['hosts'][number]['state'][]; missing: number; expected: string }>([
  { states: [], missing: 0, expected: 'forward.idle' },
  { states: ['idle', 'idle'], missing: 0, expected: 'forward.idle' },
  { states: ['idle', 'connected'], missing: 0, expected: 'forward.connected' },
  { states: ['connected', 'behind'], missing: 0, expected: 'forward.behind' },
  { states: ['behind', 'dropped', 'connected'], missing: 1, expected: 'forward.dropped' },
  { states: ['connected'], missing: 1, expected: 'forward.unknown' },
])('hosts $states, $missing missing: $expected', ({ states, missing, expected }) => {
  const hosts = states.map((state, index) => ({
    ...{ hostId: `h${index}` as HostId, hostName: `h${index}`, state },
    ...{ sentLines: 0, droppedLines: 0, waitingBytes: 0, detail: '' },
  }));
  const lost = Array.from({ length: missing }, () => ({ hostId: 'x' as HostId, hostName: 'x', code: 'timeout' }));
  expect(forwardState({ hosts, missing: lost }).word).toBe(expected);
});
