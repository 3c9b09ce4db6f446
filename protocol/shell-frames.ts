/**
 * First byte of each binary WebSocket message; the rest is its payload. Numbers are big endian. Offsets count the bytes of
 * output (stdout and stderr) since the session began.
 */
const shellFrames = {
  /** From the session: bytes of the terminal, or of stdout. */
  output: 0,
  /** To the session: bytes for stdin. */
  input: 1,
  /** To the session: u16 columns, u16 rows. */
  resize: 2,
  /** To the session: u64 offset up to which output was shown. At most 512 KiB are sent ahead of it. */
  ack: 3,
  /** From the session: i32 exit code. It is over. */
  exit: 4,
  /** From the session, before output: u64 offset of the next byte. Higher than expected: what lies between is lost. */
  attached: 5,
  /** To the session: stdin is at its end. */
  inputEnd: 6,
  /** From the session: bytes of stderr (without a terminal only). */
  errorOutput: 7,
  /** From the session: u64 bytes of input that the process took. Keep at most 256 KiB ahead of it. */
  inputAck: 8,
  /** From the session: a problem document in JSON. Then it closes. */
  problem: 9,
} as const;

/** A message of a shell's WebSocket, taken apart. */
export type ShellFrame =
  | { readonly type: 'output' | 'errorOutput' | 'input'; readonly bytes: Uint8Array }
  | { readonly type: 'resize'; readonly cols: number; readonly rows: number }
  | { readonly type: 'ack' | 'attached' | 'inputAck'; readonly offset: number }
  | { readonly type: 'exit'; readonly code: number }
  | { readonly type: 'problem'; readonly text: string }
  | { readonly type: 'inputEnd' };

/** A frame as bytes. */
export function encodeShellFrame(frame: ShellFrame): Uint8Array<ArrayBuffer> {
  const type = shellFrames[frame.type];
  switch (frame.type) {
    case 'output':
    case 'errorOutput':
    case 'input':
      return withType(type, frame.bytes);
    case 'problem':
      return withType(type, new TextEncoder().encode(frame.text));
    case 'inputEnd':
      return Uint8Array.of(type);
    case 'resize':
      return numbers(type, 4, (view) => {
        view.setUint16(1, frame.cols);
        view.setUint16(3, frame.rows);
      });
    case 'exit':
      return numbers(type, 4, (view) => view.setInt32(1, frame.code));
    case 'ack':
    case 'attached':
    case 'inputAck':
      return numbers(type, 8, (view) => view.setBigUint64(1, BigInt(frame.offset)));
  }
}

/** undefined for anything that is no frame. Bytes are a window into `bytes`. */
export function decodeShellFrame(bytes: Uint8Array): ShellFrame | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rest = bytes.subarray(1);
  switch (bytes[0]) {
    case shellFrames.output:
      return { type: 'output', bytes: rest };
    case shellFrames.errorOutput:
      return { type: 'errorOutput', bytes: rest };
    case shellFrames.input:
      return { type: 'input', bytes: rest };
    case shellFrames.problem:
      return { type: 'problem', text: new TextDecoder().decode(rest) };
    case shellFrames.inputEnd:
      return rest.length === 0 ? { type: 'inputEnd' } : undefined;
    case shellFrames.resize:
      return rest.length === 4 ? sizeOf(view.getUint16(1), view.getUint16(3)) : undefined;
    case shellFrames.exit:
      return rest.length === 4 ? { type: 'exit', code: view.getInt32(1) } : undefined;
    case shellFrames.ack:
      return offsetOf('ack', view, rest);
    case shellFrames.attached:
      return offsetOf('attached', view, rest);
    case shellFrames.inputAck:
      return offsetOf('inputAck', view, rest);
    default:
      return undefined;
  }
}

const SIZE_MAX = 1_000;
const sizeOf = (cols: number, rows: number): ShellFrame | undefined =>
  cols > 0 && rows > 0 && cols <= SIZE_MAX && rows <= SIZE_MAX ? { type: 'resize', cols, rows } : undefined;

function offsetOf(type: 'ack' | 'attached' | 'inputAck', view: DataView, rest: Uint8Array): ShellFrame | undefined {
  if (rest.length !== 8) return undefined;
  const offset = Number(view.getBigUint64(1));
  return Number.isSafeInteger(offset) ? { type, offset } : undefined;
}

function withType(type: number, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(1 + bytes.length);
  frame[0] = type;
  frame.set(bytes, 1);
  return frame;
}

function numbers(type: number, bytes: number, write: (view: DataView) => void): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(1 + bytes);
  frame[0] = type;
  write(new DataView(frame.buffer));
  return frame;
}
