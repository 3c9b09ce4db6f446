import { MemoryMountFiles } from '../../../agent/ports/mount-files-memory.ts';
import { mountFilesSuite } from './mount-files.suite.ts';

mountFilesSuite('in-memory twin', async () => {
  const files = new MemoryMountFiles();
  return { files, read: (path) => files.read(path), tamper: (path) => files.files.set(path, Buffer.from('hacked')) };
});
