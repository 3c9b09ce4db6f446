import { MemoryStore } from '../../../agent/ports/store-memory.ts';
import { storeSuite } from './store.suite.ts';

storeSuite('MemoryStore', async () => {
  const store = new MemoryStore();
  return { store, dispose: () => store.close() };
});
