import { VirtualClock } from '../../../agent/ports/clock-virtual.ts';
import { MemoryEngine } from '../../../agent/ports/engine-memory.ts';
import { engineSuite } from './engine.suite.ts';

engineSuite('in-memory twin', async () => {
  const clock = new VirtualClock();
  const engine = new MemoryEngine({ clock, images: ['shoal-test:1'], createMs: 10, startMs: 150 });
  return { engine, image: 'shoal-test:1', pass: (ms) => clock.advance(ms) };
});
