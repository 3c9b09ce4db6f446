import type { ComponentChildren } from 'preact';
import type { Tone } from '../format/tone.ts';

const shapes: Readonly<Record<Tone, string>> = {
  ok: 'M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13M5 8.2l2.1 2.1L11 6',
  busy: 'M8 1.8a6.2 6.2 0 1 0 6.2 6.2',
  warn: 'M8 2l6.5 12h-13zM8 6.5v3.2M8 11.8h.01',
  bad: 'M5 1.5h6L14.5 5v6L11 14.5H5L1.5 11V5zM5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4',
  idle: 'M3 3h10v10H3z',
};

export function Shape({ tone, size = 14 }: { readonly tone: Tone; readonly size?: number }) {
  return (
    <svg
      class={tone === 'busy' ? 'turning' : undefined}
      viewBox="0 0 16 16"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      stroke-width="1.7"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={shapes[tone]} />
    </svg>
  );
}

interface StatusProps {
  readonly tone: Tone;
  readonly children: ComponentChildren;
  readonly title?: string | undefined;
}

/** A state: its shape, its colour and its word. */
export function Status({ tone, children, title }: StatusProps) {
  return (
    <span class={`status tone-${tone}`} title={title}>
      <Shape tone={tone} />
      {children}
    </span>
  );
}

/** The same with a background, where it stands beside a title. */
export function Badge({ tone, children, title }: StatusProps) {
  return (
    <span class={`badge tone-${tone}`} title={title}>
      <Shape tone={tone} size={12} />
      {children}
    </span>
  );
}
