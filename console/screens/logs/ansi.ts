/** A part of a line that looks the same all through. */
export interface Segment {
  readonly text: string;
  /** Classes of `style/logs.css`; empty for plain text. */
  readonly classes: string;
}

interface Look {
  fg: number | undefined;
  bg: number | undefined;
  readonly flags: Set<string>;
}

const ESC = '\u001b';
const BEL = '\u0007';
/** Control sequences, ECMA-48 section 5.4: parameters, intermediates, final byte. */
const CSI = /\[([0-9:;<=>?]*)[ -/]*([@-~])/y;
/** The other escape sequences that end by themselves. */
const SHORT = /[ -/]*[0-~]/y;
/** A gray stands for bright black; other bright colours look like their dark ones, so that all can be read on both themes. */
const GRAY = 8;

/**
 * A line with SGR colours (ECMA-48 section 8.3.117) as segments. Every other escape sequence is left out, and control characters are
 * drawn as signs: nothing that a container writes moves a cursor, rings or reaches a title.
 */
export function segmentsOf(line: string): readonly Segment[] {
  const segments: Segment[] = [];
  const look: Look = { fg: undefined, bg: undefined, flags: new Set() };
  let at = 0;
  while (at < line.length) {
    const next = line.indexOf(ESC, at);
    const text = visible(line.slice(at, next < 0 ? undefined : next));
    if (text !== '') segments.push({ text, classes: classesOf(look) });
    if (next < 0) break;
    at = afterEscape(line, next + 1, look);
  }
  return segments;
}

/** Where the text goes on after an escape sequence. */
function afterEscape(line: string, start: number, look: Look): number {
  if (line[start] === '[') {
    CSI.lastIndex = start;
    const match = CSI.exec(line);
    if (match === null) return start + 1;
    if (match[2] === 'm') applySgr(match[1] ?? '', look);
    return CSI.lastIndex;
  }
  // OSC, DCS, SOS, PM and APC hold a text that ends with ST, OSC also with BEL.
  if (/[\]PX^_]/.test(line[start] ?? '')) {
    const ends = [line.indexOf(`${ESC}\\`, start), line.indexOf(BEL, start)].filter((end) => end >= 0);
    if (ends.length === 0) return line.length;
    const end = Math.min(...ends);
    return line[end] === BEL ? end + 1 : end + 2;
  }
  SHORT.lastIndex = start;
  return SHORT.test(line) ? SHORT.lastIndex : start;
}

const on: Readonly<Record<number, string>> = {
  1: 'ansi-bold',
  2: 'ansi-dim',
  3: 'ansi-italic',
  4: 'ansi-underline',
  7: 'ansi-inverse',
  9: 'ansi-strike',
};
const off: Readonly<Record<number, readonly number[]>> = {
  21: [1],
  22: [1, 2],
  23: [3],
  24: [4],
  27: [7],
  29: [9],
};

function applySgr(parameters: string, look: Look): void {
  const codes = parameters.split(/[;:]/).map(Number);
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0;
    const flag = on[code];
    if (code === 0) {
      look.fg = undefined;
      look.bg = undefined;
      look.flags.clear();
    } else if (flag !== undefined) look.flags.add(flag);
    else if (off[code] !== undefined) for (const old of off[code]) look.flags.delete(on[old] ?? '');
    else if (code === 38 || code === 48) {
      const colour = extended(codes.slice(at + 1));
      if (code === 38) look.fg = colour.index;
      else look.bg = colour.index;
      at += colour.used;
    } else if (code === 39) look.fg = undefined;
    else if (code === 49) look.bg = undefined;
    else if (code >= 30 && code <= 37) look.fg = code - 30;
    else if (code >= 40 && code <= 47) look.bg = code - 40;
    else if (code >= 90 && code <= 97) look.fg = code === 90 ? GRAY : code - 90;
    else if (code >= 100 && code <= 107) look.bg = code === 100 ? GRAY : code - 100;
  }
}

/** `5;N` of 256 colours or `2;R;G;B`, as the nearest of ours. */
function extended([kind, a = 0, b = 0, c = 0]: readonly number[]): { index: number | undefined; used: number } {
  if (kind === 2) return { index: nearest(a, b, c), used: 4 };
  if (kind !== 5) return { index: undefined, used: kind === undefined ? 0 : 1 };
  if (a < 16) return { index: a === 8 ? GRAY : a % 8, used: 2 };
  if (a >= 232) return { index: a < 238 ? 0 : a < 250 ? GRAY : 7, used: 2 };
  const cube = a - 16;
  const level = (value: number): number => (value % 6) * 51;
  return { index: nearest(level(Math.floor(cube / 36)), level(Math.floor(cube / 6)), level(cube)), used: 2 };
}

/** The bit of each part that is strong: the eight colours are the corners of a cube. */
function nearest(red: number, green: number, blue: number): number {
  const most = Math.max(red, green, blue);
  const least = Math.min(red, green, blue);
  if (most - least < 32) return most < 64 ? 0 : most < 200 ? GRAY : 7;
  const middle = (most + least) / 2;
  return (red > middle ? 1 : 0) + (green > middle ? 2 : 0) + (blue > middle ? 4 : 0);
}

function classesOf({ fg, bg, flags }: Look): string {
  const colours = [fg === undefined ? '' : `ansi-fg-${fg}`, bg === undefined ? '' : `ansi-bg-${bg}`];
  return [...colours, ...flags].filter((name) => name !== '').join(' ');
}

const CONTROL = /\p{Cc}/gu;

/** Control characters as the signs that Unicode has for them; tabs stay. */
const visible = (text: string): string =>
  text.replace(CONTROL, (char) => {
    const code = char.charCodeAt(0);
    if (code === 9) return char;
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? '\u2421' : '\ufffd';
  });

/** The same without any colours: for a file, or for what reads JSON. */
export const plain = (line: string): string =>
  segmentsOf(line)
    .map(({ text }) => text)
    .join('');
