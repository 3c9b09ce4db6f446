import { computed, signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { AccessAction } from '../../protocol/actions.ts';
import type { Me } from '../../protocol/schemas/requests.ts';
import { useItem } from './resource.ts';

const path = '/v1/me';

/** Whoever is signed in; undefined until it is known. */
export const me = signal<Me | undefined>(undefined);

const allowed = computed(() => me.value && new Set(me.value.actions));

/** Whether whoever is signed in may do something; false until it is known. */
export const may = (action: AccessAction): boolean => allowed.value?.has(action) ?? false;

/** Reads what may be done, as long as somebody is signed in. */
export function useRights(): void {
  const { value } = useItem<Me>(path, ['members']);
  useEffect(() => {
    me.value = value;
  }, [value]);
  useEffect(
    () => () => {
      me.value = undefined;
    },
    [],
  );
}
