const HEADER_BYTES = 8;

/**
 * The text of an engine's log answer: frames of `[stream, 0, 0, 0, length as 4 bytes big-endian]` and that many bytes
 * (Docker Engine API, "Stream format"); raw bytes when the container has a terminal.
 */
export function textOfLog(bytes: Buffer): string {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const isFramed = at + HEADER_BYTES <= bytes.length && (bytes[at] ?? 255) <= 2 && bytes.readUIntBE(at + 1, 3) === 0;
    if (!isFramed) return bytes.toString('utf8');
    const end = at + HEADER_BYTES + bytes.readUInt32BE(at + 4);
    parts.push(bytes.subarray(at + HEADER_BYTES, end));
    at = end;
  }
  return Buffer.concat(parts).toString('utf8');
}

/** Text fit to be shown: no escape sequences and no control characters besides line ends and tabs. */
export const printable = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is to be removed
    .replace(/\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)/g, '')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is to be removed
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
