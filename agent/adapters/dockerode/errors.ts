import { type ErrorCode, ShoalError } from '../../../protocol/errors.ts';

/** What the caller was doing: some statuses mean different things for different calls. */
export type Doing = 'read' | 'pull' | 'create' | 'start' | 'change';

/** An error as docker-modem makes it from an answer of the engine. */
interface EngineAnswer {
  readonly statusCode: number;
  readonly message: string;
  readonly json?: unknown;
}

const isEngineAnswer = (error: unknown): error is EngineAnswer =>
  error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number';

/**
 * Where the status says too little. The engine answers 404 to a create for an image that is not there, and also for a volume
 * driver that is not; and to a start for a container that is not there, and also for its network.
 */
const sentences: readonly { readonly doing: Doing; readonly pattern: RegExp; readonly code: ErrorCode }[] = [
  { doing: 'create', pattern: /no such image/i, code: 'image-not-found' },
  { doing: 'start', pattern: /no such container/i, code: 'not-found' },
];

/** A call's failure as an error of ours: by status, by sentence only where the status says too little. */
export function translate(error: unknown, doing: Doing): ShoalError {
  if (error instanceof ShoalError) return error;
  if (!isEngineAnswer(error)) {
    // No answer at all: refused, reset, or the socket is not there.
    return new ShoalError('engine-unavailable', error instanceof Error ? error.message : String(error), {
      cause: error,
    });
  }
  const detail = reasonOf(error);
  const sentence = sentences.find((each) => each.doing === doing && each.pattern.test(detail));
  return new ShoalError(sentence?.code ?? codeOf(error.statusCode, doing), detail, { cause: error });
}

const statuses: ReadonlyMap<number, ErrorCode> = new Map([
  [400, 'invalid-request'],
  [404, 'not-found'],
  [409, 'conflict'],
]);

function codeOf(status: number, doing: Doing): ErrorCode {
  switch (doing) {
    case 'pull':
      return 'image-not-found';
    case 'create':
      return status === 409 ? 'conflict' : 'create-failed';
    case 'start':
      return 'create-failed';
    case 'read':
    case 'change':
      return statuses.get(status) ?? 'engine-unavailable';
  }
}

/** The engine's own words, without what the library puts around them. */
function reasonOf({ json, message }: EngineAnswer): string {
  const words = typeof json === 'object' && json !== null && 'message' in json ? json.message : undefined;
  const given = typeof words === 'string' && words !== '' ? words : message.replace(/^\(HTTP code \d+\) .*? - /, '');
  return mountFault(given) ?? given.trim();
}

/** What can't be mounted costs runc a paragraph full of paths of the host; people need to know where and why. */
function mountFault(text: string): string | undefined {
  const target = /error mounting ".*?" to rootfs at "([^"]+)"/.exec(text)?.[1];
  const cause = /: ([a-z -]+): unknown\b/.exec(text)?.[1];
  if (target === undefined || cause === undefined) return undefined;
  const hint =
    cause === 'not a directory' ? ' (the image has a directory there, or a file in place of a folder above)' : '';
  return `nothing can be mounted at ${target}: ${cause}${hint}`;
}
