import type { ComponentChildren } from 'preact';
import type { AccessAction } from '../../protocol/actions.ts';
import { may, me } from '../store/rights.ts';

interface Props {
  readonly does: AccessAction;
  readonly children: ComponentChildren;
  /** For whoever may not, once that is known. */
  readonly otherwise?: ComponentChildren;
}

/** Shows what does something to whoever may do it. */
export const IfMay = ({ does, children, otherwise }: Props) => (
  <>{may(does) ? children : me.value !== undefined && otherwise}</>
);
