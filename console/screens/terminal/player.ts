import { signal } from '@preact/signals';
import { type Cast, eventsBetween, parseSize } from './cast.ts';

/** What a recording is played on. */
export interface PlayerScreen {
  clear(cols: number, rows: number): void;
  resize(cols: number, rows: number): void;
  write(text: string): void;
}

/** A recording is moved on so often while it plays. Milliseconds. */
const STEP_MS = 50;

/** Plays a recording at the times it was recorded at, or faster. */
export class Player {
  readonly atS = signal(0);
  readonly isPlaying = signal(false);
  readonly cast: Cast;
  speed = 1;
  readonly #screen: PlayerScreen;
  #timer: ReturnType<typeof setInterval> | undefined;
  #lastMs = 0;

  constructor(cast: Cast, screen: PlayerScreen) {
    this.cast = cast;
    this.#screen = screen;
    this.seek(0);
  }

  play(): void {
    if (this.isPlaying.peek()) return;
    if (this.atS.peek() >= this.cast.lengthS) this.seek(0);
    this.isPlaying.value = true;
    this.#lastMs = performance.now();
    this.#timer = setInterval(() => this.#step(), STEP_MS);
  }

  pause(): void {
    clearInterval(this.#timer);
    this.isPlaying.value = false;
  }

  /** Shows what was to be seen at that moment: a screen has no way back, so it is drawn from the beginning. */
  seek(toS: number): void {
    this.#screen.clear(this.cast.cols, this.cast.rows);
    this.#show(-1, toS);
    this.atS.value = toS;
  }

  #step(): void {
    const nowMs = performance.now();
    const nextS = Math.min(this.cast.lengthS, this.atS.peek() + ((nowMs - this.#lastMs) / 1_000) * this.speed);
    this.#lastMs = nowMs;
    this.#show(this.atS.peek(), nextS);
    this.atS.value = nextS;
    if (nextS >= this.cast.lengthS) this.pause();
  }

  #show(afterS: number, untilS: number): void {
    let text = '';
    for (const { kind, data } of eventsBetween(this.cast, afterS, untilS)) {
      const size = kind === 'r' ? parseSize(data) : undefined;
      if (size !== undefined) {
        this.#screen.write(text);
        text = '';
        this.#screen.resize(size.cols, size.rows);
      } else if (kind === 'o') text += data;
    }
    if (text !== '') this.#screen.write(text);
  }
}
