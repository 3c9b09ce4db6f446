import { openApiText } from '../../agent/api/openapi-text.ts';
import type { Generated } from '../generate.ts';

/** The OpenAPI document, from the routes of the API. */
export const openApi = async (): Promise<readonly Generated[]> => [
  { path: 'protocol/openapi.json', text: await openApiText() },
];
