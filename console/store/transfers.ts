import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Transfer } from '../../protocol/schemas/image.ts';
import { open } from '../api/client.ts';
import { EventStreamParser } from '../api/event-stream.ts';
import { problemOf } from '../api/problem.ts';
import type { Reading } from './resource.ts';
import { retryDelayMs } from './retry.ts';

const DAY_MS = 24 * 3_600_000;

/** Layers that travel now, as the member says about once a second while the component is shown. */
export function useTransfers(): Reading<readonly Transfer[]> {
  const reading = useSignal<Reading<readonly Transfer[]>>({ value: undefined, problem: undefined });
  useEffect(() => {
    const over = new AbortController();
    const follow = async (): Promise<void> => {
      for (let tries = 0; !over.signal.aborted; tries++) {
        try {
          const { body } = await open('GET', '/v1/transfers/events', { signal: over.signal }, DAY_MS);
          if (body === null) return;
          const parser = new EventStreamParser();
          const reader = body.pipeThrough(new TextDecoderStream()).getReader();
          for (let next = await reader.read(); !next.done; next = await reader.read()) {
            for (const { event, data } of parser.push(next.value)) {
              if (event !== 'transfers') continue;
              tries = 0;
              reading.value = { value: (JSON.parse(data) as { readonly items: Transfer[] }).items, problem: undefined };
            }
          }
        } catch (error) {
          if (!over.signal.aborted) reading.value = { ...reading.peek(), problem: problemOf(error) };
        }
        await new Promise((resolve) => setTimeout(resolve, retryDelayMs(tries, Math.random())));
      }
    };
    void follow();
    return () => over.abort();
  }, [reading]);
  return reading.value;
}
