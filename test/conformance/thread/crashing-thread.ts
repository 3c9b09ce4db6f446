import { existsSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import '../../../agent/image-thread.ts';

// The image thread, which throws where nobody catches once there is a file of this name.

const path = `${workerData.settings.directory}.crash`;
setInterval(() => {
  if (existsSync(path)) throw new Error('a bug');
}, 20);
