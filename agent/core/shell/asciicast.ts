/** What a recording begins with. */
export interface CastHeader {
  readonly width: number;
  readonly height: number;
  readonly startedAtMs: number;
  readonly command: string;
  readonly title: string;
}

/** First line of a recording (asciicast v2, docs.asciinema.org/manual/asciicast/v2). */
export const castHeader = ({ width, height, startedAtMs, command, title }: CastHeader): string =>
  `${JSON.stringify({
    version: 2,
    width,
    height,
    timestamp: Math.floor(startedAtMs / 1_000),
    command,
    title,
    env: { TERM: 'xterm-256color' },
  })}\n`;

/**
 * One event of a recording.
 *
 * @param sinceStartMs after the first one
 * @param code `o` output, `r` a size like `80x24`, `m` a mark
 */
export const castEvent = (sinceStartMs: number, code: 'o' | 'r' | 'm', data: string): string =>
  `[${(sinceStartMs / 1_000).toFixed(6)}, ${JSON.stringify(code)}, ${JSON.stringify(data)}]\n`;
