import type { Problem } from '../../protocol/schemas/common.ts';
import type { MessageKey } from '../text/messages.ts';

const steps: Readonly<Record<string, MessageKey>> = {
  'host-unreachable': 'next.unreachable',
  unauthenticated: 'next.signIn',
  forbidden: 'next.forbidden',
  'invalid-request': 'next.fix',
  unplaceable: 'next.unplaceable',
  'image-not-found': 'next.image',
  'container-exited': 'next.exited',
  'container-unhealthy': 'next.exited',
  conflict: 'next.conflict',
  'in-progress': 'next.inProgress',
  'precondition-failed': 'next.reload',
  'rate-limited': 'next.wait',
};

/** What somebody can do about a problem. */
export const nextStep = ({ code, retryable }: Problem): MessageKey =>
  steps[code] ?? (retryable ? 'next.retry' : 'next.look');
