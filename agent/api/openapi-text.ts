import { silentLog } from '../ports/log.ts';
import type { Platform } from '../services/platform.ts';
import { createApi } from './server.ts';

/** The OpenAPI 3.1 document of the API, the same text for the same routes. */
export async function openApiText(): Promise<string> {
  const app = await createApi({ platform: noPlatform, log: silentLog });
  const text = `${JSON.stringify(app.swagger(), null, 2)}\n`;
  await app.close();
  return text;
}

/** Routes touch the platform only to answer, and nobody asks here. */
const noPlatform = new Proxy({} as Platform, {
  get(_target, property): never {
    throw new Error(`no platform to ask for ${String(property)}`);
  },
});
