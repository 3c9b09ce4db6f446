/** One message of a `text/event-stream`. */
export interface SseMessage {
  readonly event: string;
  readonly data: string;
  readonly id: string;
}

/**
 * Parses server-sent events (WHATWG HTML, section 9.2.6): `event`, `data` and `id` fields; comments are heartbeats.
 *
 * @param maxChars a message longer than this ends the stream with an error
 */
export async function* parseSse(chunks: AsyncIterable<Buffer | string>, maxChars: number): AsyncGenerator<SseMessage> {
  const decoder = new TextDecoder();
  let rest = '';
  let event = '';
  let id = '';
  let data: string[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    if (rest.length > maxChars) throw new RangeError('a line of the event stream is too long');
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) yield { event: event || 'message', data: data.join('\n'), id };
        [event, data, size] = ['', [], 0];
        continue;
      }
      const colon = line.indexOf(':');
      const field = colon === -1 ? line : line.slice(0, colon);
      const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
      if (field === 'event') event = value;
      else if (field === 'id') id = value;
      else if (field === 'data') data.push(value);
      size += value.length;
      if (size > maxChars) throw new RangeError('a message of the event stream is too long');
    }
  }
}
