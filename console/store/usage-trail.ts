import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Usage } from '../../protocol/schemas/usage.ts';
import { useItem, usePolling } from './resource.ts';
import { extended, type Trail } from './trails.ts';

/** Hosts measure this often. Milliseconds. */
const POLL_MS = 5_000;
/** After so long without a value what was remembered says nothing about now. Milliseconds. */
const FORGET_MS = 4 * POLL_MS;
const PATH = '/v1/usage';

const trails = signal<ReadonlyMap<string, Trail>>(new Map());
let seen: Usage | undefined;
let seenMs = 0;

/**
 * What hosts and containers used since somebody looked, by id: the API has the newest of all, and the tab remembers what it saw. What is
 * gone is forgotten once no value of it is left.
 */
export function useUsageTrails(): ReadonlyMap<string, Trail> {
  const { value } = useItem<Usage>(PATH, []);
  usePolling(PATH, POLL_MS);
  useEffect(() => {
    if (value === undefined || value === seen) return;
    const before = Date.now() - seenMs > FORGET_MS ? new Map<string, Trail>() : trails.peek();
    seen = value;
    seenMs = Date.now();
    trails.value = extended(before, value);
  }, [value]);
  return trails.value;
}
