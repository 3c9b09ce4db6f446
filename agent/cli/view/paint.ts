import type picocolors from 'picocolors';

type Colors = ReturnType<typeof picocolors.createColors>;

/** Colours by meaning. A colour never says what the word beside it does not. */
export type Tone = 'good' | 'busy' | 'bad' | 'dim' | 'strong' | 'plain' | Hue;

/** Colours without a meaning, to keep things of a kind apart. */
type Hue = 'cyan' | 'magenta' | 'blue' | 'yellow' | 'green';
export const hues: readonly Hue[] = ['cyan', 'magenta', 'yellow', 'blue', 'green'];

export type Paint = (tone: Tone, text: string) => string;

export function paintWith(colors: Colors): Paint {
  return (tone, text) => {
    switch (tone) {
      case 'good':
        return colors.green(text);
      case 'busy':
        return colors.yellow(text);
      case 'bad':
        return colors.red(text);
      case 'dim':
        return colors.dim(text);
      case 'strong':
        return colors.bold(text);
      case 'plain':
        return text;
      default:
        return colors[tone](text);
    }
  };
}

const TONES: Readonly<Record<string, Tone>> = {
  alive: 'good',
  running: 'good',
  healthy: 'good',
  succeeded: 'good',
  ready: 'good',
  done: 'good',
  suspect: 'busy',
  pulling: 'busy',
  creating: 'busy',
  starting: 'busy',
  created: 'busy',
  started: 'busy',
  reserved: 'busy',
  backoff: 'busy',
  stopping: 'busy',
  cordoned: 'busy',
  draining: 'busy',
  drained: 'busy',
  replacing: 'busy',
  removing: 'busy',
  moved: 'good',
  blocked: 'bad',
  dead: 'bad',
  failed: 'bad',
  unhealthy: 'bad',
  unreachable: 'bad',
  evicted: 'bad',
  lost: 'bad',
  stopped: 'dim',
  removed: 'dim',
  left: 'dim',
  cancelled: 'dim',
};

/** The tone of a state's word. */
export const toneOf = (word: string): Tone => TONES[word] ?? 'plain';
