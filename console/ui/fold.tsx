import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

interface FoldProps {
  readonly title: string;
  /** What is inside, in a few words, while it is folded. */
  readonly summary: string;
  /** Something inside needs a look: it can't be folded away. */
  readonly isFaulty?: boolean;
  readonly children: ComponentChildren;
}

/** A part of a form that most people leave as it is. */
export function Fold({ title, summary, isFaulty = false, children }: FoldProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="panel fold" open={isOpen || isFaulty} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <h2>{title}</h2>
        <span class="muted small">{summary}</span>
      </summary>
      <div class="panel-body">{children}</div>
    </details>
  );
}
