import type { IncomingMessage } from 'node:http';
import type { FieldFault } from '../../../protocol/errors.ts';
import type { Problem } from '../../../protocol/schemas/common.ts';
import { readBody } from './exchange.ts';

/** The problem document of an answer that says no. Whoever it came from: what does not fit is left out. */
export async function readProblem(answer: IncomingMessage, maxBytes: number): Promise<Problem> {
  const status = answer.statusCode ?? 0;
  const found = parseObject(await readBody(answer, maxBytes));
  const text = (name: keyof Problem, instead: string): string => {
    const value = found[name];
    return typeof value === 'string' ? value : instead;
  };
  const instance = text('instance', '');
  return {
    type: text('type', 'about:blank'),
    title: text('title', `HTTP ${status} ${answer.statusMessage ?? ''}`.trim()),
    status,
    detail: text('detail', ''),
    code: text('code', ''),
    retryable: found.retryable === true,
    ...(instance === '' ? {} : { instance }),
    ...(Array.isArray(found.errors) ? { errors: found.errors.filter(isFault) } : {}),
  };
}

/** The members of a JSON object; none when it is something else, such as a proxy's page. */
function parseObject(text: string): { readonly [name: string]: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

const isFault = (value: unknown): value is FieldFault =>
  typeof value === 'object' &&
  value !== null &&
  'pointer' in value &&
  typeof value.pointer === 'string' &&
  'detail' in value &&
  typeof value.detail === 'string';
