/** One message of a `text/event-stream`. */
export interface StreamMessage {
  readonly event: string;
  readonly data: string;
}

const MESSAGE_CHARS_MAX = 1024 * 1024;

/**
 * Cuts a `text/event-stream` into messages (WHATWG HTML, section 9.2.6). Browsers' own EventSource can't send a token, so the
 * stream is read by `fetch`. Comments are heartbeats and give no message.
 */
export class EventStreamParser {
  #rest = '';

  /** The messages that this text completes. @throws RangeError for one that never ends */
  push(text: string): readonly StreamMessage[] {
    const blocks = (this.#rest + text).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    if (this.#rest.length > MESSAGE_CHARS_MAX) throw new RangeError('a message of the event stream is too long');
    return blocks.map(read).filter(({ data }) => data !== '');
  }
}

function read(block: string): StreamMessage {
  let event = 'message';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    if (line.startsWith('event: ')) event = line.slice(7);
    else if (line.startsWith('data: ')) data.push(line.slice(6));
  }
  return { event, data: data.join('\n') };
}
