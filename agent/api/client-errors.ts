import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { ShoalError } from '../../protocol/errors.ts';
import { problemOfError } from '../../protocol/problem.ts';

/** Answers what is no HTTP request with a problem document too, and closes: nothing after it on the connection makes sense. */
export function onClientError(error: Error & { readonly code?: string }, socket: Socket): void {
  if (socket.writable && error.code !== 'ECONNRESET') {
    const problem = problemOfError(asShoalError(error.code));
    const body = JSON.stringify(problem);
    const head = [
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
      'content-type: application/problem+json',
      `content-length: ${Buffer.byteLength(body)}`,
      'connection: close',
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  }
  socket.destroy();
}

/** By Node's codes and those of its parser. */
function asShoalError(code: string | undefined): ShoalError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new ShoalError('too-large', 'The headers are too large.');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new ShoalError('invalid-request', 'The request took too long to arrive.');
    default:
      return new ShoalError('invalid-request', 'This is not an HTTP request.');
  }
}
