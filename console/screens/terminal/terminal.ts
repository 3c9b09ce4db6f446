import { FitAddon } from '@xterm/addon-fit';
import { Terminal as XTerm } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import type { ShellDisplay } from '../../store/shell-attachment.ts';
import { onColours } from '../../ui/colour-of.ts';
import { terminalColours } from './colours.ts';
import { StrictStyles } from './strict-styles.ts';

export interface TerminalEvents {
  input(bytes: Uint8Array): void;
  resize(cols: number, rows: number): void;
  /** Somebody wants to leave it with the keyboard: `Ctrl+F6`, as all other keys belong to what runs. */
  leave(): void;
}

const SCROLLBACK_ROWS = 5_000;
/** A replay is over after so long without output. Milliseconds. */
const QUIET_MS = 400;

/** What a shell is shown in: xterm.js in a place of the page. */
export class TerminalView implements ShellDisplay {
  readonly #styles = new StrictStyles();
  readonly #terminal: XTerm;
  readonly #releases: (() => void)[] = [];
  #isReplay = false;
  #quiet: ReturnType<typeof setTimeout> | undefined;

  /** @param events what it says; absent: it only shows, in the size that it is told */
  constructor(place: HTMLElement, events?: TerminalEvents) {
    this.#terminal = new XTerm({
      allowProposedApi: false,
      disableStdin: events === undefined,
      fontFamily: getComputedStyle(document.documentElement).getPropertyValue('--mono').trim(),
      fontSize: 13,
      scrollback: SCROLLBACK_ROWS,
      theme: terminalColours(),
      // Programs choose colours for dark terminals; ours may be light.
      minimumContrastRatio: 4.5,
      // A link in the output is text: nothing that a container writes can be followed by a click.
      linkHandler: { activate: () => {} },
    });
    const terminal = this.#terminal;
    this.#styles.whileOpening(() => terminal.open(place));
    this.#releases.push(
      onColours(() => {
        terminal.options.theme = terminalColours();
      }),
    );
    if (events !== undefined) this.#listen(place, events);
  }

  #listen(place: HTMLElement, events: TerminalEvents): void {
    const terminal = this.#terminal;
    terminal.attachCustomKeyEventHandler((event) => {
      if (!(event.key === 'F6' && event.ctrlKey)) return true;
      event.preventDefault();
      if (event.type === 'keydown') events.leave();
      return false;
    });
    const encoder = new TextEncoder();
    terminal.onData((text) => events.input(encoder.encode(text)));
    terminal.onBinary((text) => events.input(Uint8Array.from(text, (char) => char.charCodeAt(0))));
    terminal.onResize(({ cols, rows }) => events.resize(cols, rows));
    this.#ignoreOldQuestions();
    const fit = new FitAddon();
    terminal.loadAddon(fit);
    const observer = new ResizeObserver(() => fit.fit());
    observer.observe(place);
    this.#releases.push(() => observer.disconnect());
    fit.fit();
    events.resize(terminal.cols, terminal.rows);
  }

  output(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) =>
      this.#terminal.write(bytes, () => {
        if (this.#isReplay) this.#endReplaySoon();
        resolve();
      }),
    );
  }

  attached(isReplay: boolean, lost: number): void {
    this.#isReplay = isReplay;
    this.#endReplaySoon();
    // Half of an escape sequence may have been lost with what is no longer kept.
    if (lost > 0) this.#terminal.reset();
  }

  write(text: string): void {
    this.#terminal.write(text);
  }

  resize(cols: number, rows: number): void {
    // Behind what was written before: a size belongs to a moment.
    this.#terminal.write('', () => this.#terminal.resize(cols, rows));
  }

  clear(cols: number, rows: number): void {
    this.#terminal.write('', () => {
      this.#terminal.reset();
      this.#terminal.resize(cols, rows);
    });
  }

  focus(): void {
    this.#terminal.focus();
  }

  /** For people who do not see the screen: rows are read out as they come, which costs time with much output. */
  set isReadOut(isReadOut: boolean) {
    this.#terminal.options.screenReaderMode = isReadOut;
  }

  dispose(): void {
    clearTimeout(this.#quiet);
    for (const release of this.#releases) release();
    this.#terminal.dispose();
    this.#styles.release();
  }

  /** Nobody says where a replay ends, but it comes without a pause. */
  #endReplaySoon(): void {
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => {
      this.#isReplay = false;
    }, QUIET_MS);
  }

  /** Programs ask a terminal what it is and where its cursor is. In a replay they had their answer; another would be typed text. */
  #ignoreOldQuestions(): void {
    const { parser } = this.#terminal;
    const isOld = (): boolean => this.#isReplay;
    for (const final of ['c', 'n', 't']) {
      parser.registerCsiHandler({ final }, isOld);
      parser.registerCsiHandler({ prefix: '?', final }, isOld);
      parser.registerCsiHandler({ prefix: '>', final }, isOld);
    }
    parser.registerCsiHandler({ intermediates: '$', final: 'p' }, isOld);
    parser.registerCsiHandler({ prefix: '?', intermediates: '$', final: 'p' }, isOld);
    parser.registerDcsHandler({ intermediates: '$', final: 'q' }, isOld);
    for (const id of [4, 10, 11, 12]) parser.registerOscHandler(id, isOld);
  }
}
