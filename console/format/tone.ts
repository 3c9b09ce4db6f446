/** What a state means to people, whatever its name. Each has a shape of its own beside its colour. */
export type Tone = 'ok' | 'busy' | 'warn' | 'bad' | 'idle';
