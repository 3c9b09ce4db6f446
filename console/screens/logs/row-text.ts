import type { LogEntry, LogLine } from '../../../protocol/schemas/logs.ts';
import { plain } from './ansi.ts';

/** Colours of replicas; `style/logs.css` has as many. */
const COLOURS = 6;

/** The same container has the same colour, on every screen and every day; siblings differ as long as there are few. */
export const whoColour = ({ replica }: Pick<LogLine, 'replica'>): number => (replica % COLOURS) + 1;

/** A line in a file. */
export const fileLine = (entry: LogEntry): string =>
  entry.type === 'line'
    ? `${entry.at} ${entry.container} ${entry.stream === 'stderr' ? 'E' : 'O'} ${plain(entry.text)}${entry.isCut ? ' …' : ''}`
    : `# ${entry.container} on ${entry.hostName}: ${entry.code} ${entry.detail}`;

/** What a row draws at most; the rest is a click away. Characters. */
const ROW_CHARS_MAX = 1_000;
export const rowPart = (text: string): string =>
  text.length > ROW_CHARS_MAX ? `${text.slice(0, ROW_CHARS_MAX)} …` : text;

/** A line that is an object or a list in JSON, written over several lines; undefined for any other. */
export function asJson(text: string): string | undefined {
  const trimmed = plain(text).trim();
  if (!/^[{[]/.test(trimmed)) return undefined;
  try {
    return JSON.stringify(JSON.parse(trimmed), undefined, 2);
  } catch {
    return undefined;
  }
}

/** Whether a row says that a click shows JSON, without parsing it. */
export const looksLikeJson = (text: string): boolean => /^\s*[{[].*[}\]]\s*$/s.test(text);

/** `12:34:56.789` in the time of the reader; the day is in the line's details. */
export function clockTime(at: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  const two = (value: number): string => String(value).padStart(2, '0');
  const ms = String(date.getMilliseconds()).padStart(3, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${ms}`;
}
