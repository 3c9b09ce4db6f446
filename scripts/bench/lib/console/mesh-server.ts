import { createApi } from '../../../../agent/api/server.ts';
import { readConsoleFiles } from '../../../../agent/console-files.ts';
import { silentLog } from '../../../../agent/ports/log.ts';
import { SyntheticMesh } from '../../../../test/framework/synthetic-mesh.ts';

// The API of a member of a synthetic mesh, in a process of its own so that its memory and time can be told from the browser's.
// Told `{flip: N}` it changes N containers; it says its address once.

const mesh = new SyntheticMesh({ hosts: 300, containersPerHost: 10, apps: 60 });
const api = await createApi({ platform: mesh, log: silentLog, console: await readConsoleFiles() });
const url = await api.listen({ host: '127.0.0.1', port: 0 });
/** Meets every container, one of another host each time. */
const STRIDE = 577;
let at = 0;

process.on('message', (message: { readonly flip: number }) => {
  for (let done = 0; done < message.flip; done++) {
    at += STRIDE;
    mesh.flip(at);
  }
});
process.on('disconnect', () => void api.close().then(() => process.exit()));
process.send?.({ url });
