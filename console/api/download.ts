import type { LogEntry } from '../../protocol/schemas/logs.ts';
import { linesIn } from '../store/log-stream.ts';
import { open } from './client.ts';

/** A larger file is better fetched by the command line client, which holds none of it. Characters. */
const CHARS_MAX = 64 * 1024 * 1024;
const PATIENCE_MS = 10 * 60_000;

/** All of a log as the text of a file, one line a line. @returns whether it was cut. @throws ApiProblem */
export async function readLogText(
  path: string,
  query: URLSearchParams,
  textOf: (entry: LogEntry) => string,
): Promise<{ readonly blob: Blob; readonly isCut: boolean }> {
  const { body } = await open('GET', `${path}?${query}`, {}, PATIENCE_MS);
  const parts: string[] = [];
  let chars = 0;
  if (body !== null) {
    const cut = linesIn();
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    for (let next = await reader.read(); !next.done && chars < CHARS_MAX; next = await reader.read()) {
      const text = cut(next.value)
        .messages.map((message) => `${textOf(JSON.parse(message) as LogEntry)}\n`)
        .join('');
      parts.push(text);
      chars += text.length;
    }
    if (chars >= CHARS_MAX) await reader.cancel();
  }
  return { blob: new Blob(parts, { type: 'text/plain' }), isCut: chars >= CHARS_MAX };
}

/** Gives a file to the browser to keep. */
export function saveFile(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
