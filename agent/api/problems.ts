import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { type FieldFault, ShoalError } from '../../protocol/errors.ts';
import { pointerPart } from '../../protocol/json-pointer.ts';
import { limits } from '../../protocol/limits.ts';
import { problemOfError } from '../../protocol/problem.ts';
import type { Log } from '../ports/log.ts';

/** Text of a request that is repeated in an answer is cut to this. UTF-16 units. */
const ECHO_MAX = 128;

/** Answers with the problem document of an error (RFC 9457). */
export function sendProblem(reply: FastifyReply, error: ShoalError): FastifyReply {
  const problem = problemOfError(error, reply.request.id);
  // Closing would reset the connection under a client that is still sending, and with it the answer. What it sends is
  // thrown away instead, for as long as a request may take.
  if (error.code === 'too-large') reply.removeHeader('connection');
  return reply.code(problem.status).type('application/problem+json').send(problem);
}

/** The one place where whatever was thrown becomes an answer. */
export const errorHandler =
  (log: Log) =>
  (thrown: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const error = asShoalError(thrown);
    if (error.code === 'internal') {
      const fields = { operationId: request.routeOptions.schema?.operationId, requestId: request.id, error: thrown };
      log.error(fields, 'an API request failed unexpectedly');
      return sendProblem(reply, new ShoalError('internal', `The agent's log has the details under ${request.id}.`));
    }
    return sendProblem(reply, error);
  };

function asShoalError(thrown: FastifyError | Error): ShoalError {
  if (thrown instanceof ShoalError) return thrown;
  if ('validation' in thrown && thrown.validation !== undefined) return validationError(thrown);
  switch ('code' in thrown ? thrown.code : undefined) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new ShoalError('too-large', `The body is larger than ${limits.apiBodyBytes} bytes.`);
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new ShoalError('unsupported-media-type', 'The body must be application/json.');
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return new ShoalError('invalid-request', 'The body is not JSON.');
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new ShoalError('invalid-request', 'The body is not as long as Content-Length says.');
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new ShoalError('invalid-request', 'The URL is not valid.');
    default:
      return thrown.name === 'AbortError' || thrown.name === 'TimeoutError'
        ? new ShoalError('timeout', 'The mesh did not answer in time; whether the change was made is not known.')
        : new ShoalError('internal', 'unexpected', { cause: thrown });
  }
}

type ValidationErrors = NonNullable<FastifyError['validation']>;

const places = { body: 'body', params: 'path', querystring: 'query', headers: 'headers' } as const;

function validationError(error: FastifyError): ShoalError {
  const place = places[error.validationContext as keyof typeof places] ?? 'request';
  const faults = faultsOf(error.validation ?? []);
  const named = faults.map(({ pointer, detail }) => `${pointer === '' ? 'it' : pointer} ${detail}`).join('; ');
  return new ShoalError('invalid-request', `The ${place} is not valid: ${named}.`, { faults });
}

/**
 * Ajv's findings as pointers. The constants of a union come as one error each; people want them in one sentence. Of a union
 * with null, what is wrong with the value says more than that it is not null.
 */
function faultsOf(found: ValidationErrors): FieldFault[] {
  const constants = found.filter(({ keyword }) => keyword === 'const');
  const unions = new Set(found.filter(({ keyword }) => keyword === 'anyOf').map(({ instancePath }) => instancePath));
  const faults = found
    .filter((error) => !(isOfUnion(error) && unions.has(error.instancePath)))
    .map((error) => ({ pointer: clip(pointerOf(error)), detail: detailOf(error) }));
  for (const pointer of unions) {
    const allowed = constants
      .filter((error) => error.instancePath === pointer)
      .map(({ params }) => params.allowedValue);
    if (allowed.length === 0 && found.some((error) => !isOfUnion(error) && error.instancePath.startsWith(pointer)))
      continue;
    const detail = allowed.length === 0 ? 'has none of the allowed forms' : `must be one of ${allowed.join(', ')}`;
    faults.push({ pointer: clip(pointer), detail });
  }
  return faults;
}

const isOfUnion = ({ keyword, params }: ValidationErrors[number]): boolean =>
  keyword === 'const' || keyword === 'anyOf' || (keyword === 'type' && params.type === 'null');

function pointerOf({ keyword, instancePath, params }: ValidationErrors[number]): string {
  const field = keyword === 'required' ? params.missingProperty : params.additionalProperty;
  return typeof field === 'string' ? `${instancePath}/${pointerPart(field)}` : instancePath;
}

function detailOf({ keyword, message }: ValidationErrors[number]): string {
  if (keyword === 'required') return 'is missing';
  if (keyword === 'additionalProperties') return 'is not known here';
  return message ?? 'is not valid';
}

const clip = (text: string): string => (text.length > ECHO_MAX ? `${text.slice(0, ECHO_MAX)}…` : text);
