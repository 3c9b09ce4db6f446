import type { ComponentChildren } from 'preact';

interface PanelProps {
  readonly title: string;
  readonly actions?: ComponentChildren;
  /** Lets a table or a list reach the edges. */
  readonly isFlush?: boolean;
  readonly children: ComponentChildren;
}

/** A part of a screen under a heading. */
export function Panel({ title, actions, isFlush, children }: PanelProps) {
  return (
    <section class="panel" aria-label={title}>
      <header>
        <h2>{title}</h2>
        {actions}
      </header>
      {isFlush ? children : <div class="panel-body">{children}</div>}
    </section>
  );
}

interface PageHeadProps {
  readonly title: ComponentChildren;
  readonly crumbs?: ComponentChildren;
  readonly actions?: ComponentChildren;
}

export function PageHead({ title, crumbs, actions }: PageHeadProps) {
  return (
    <div class="page-head">
      <div class="titles">
        {crumbs !== undefined && <div class="crumbs">{crumbs}</div>}
        <h1>{title}</h1>
      </div>
      {actions !== undefined && <div class="row">{actions}</div>}
    </div>
  );
}

/** Nothing to show, and why. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) {
  return (
    <div class="empty">
      <strong>{title}</strong>
      {children}
    </div>
  );
}

export function Facts({ facts }: { readonly facts: readonly (readonly [string, ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => [<dt key={`${name}?`}>{name}</dt>, <dd key={name}>{value}</dd>])}
    </dl>
  );
}
