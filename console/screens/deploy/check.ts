import { Errors } from 'typebox/value';
import { Name } from '../../../protocol/schemas/common.ts';
import { DeployRequest } from '../../../protocol/schemas/requests.ts';

/** What is wrong, by JSON pointer into the request; the names of group and app stand beside it. */
export type Faults = ReadonlyMap<string, string>;

const FAULTS_MAX = 20;

/** The API's own schema, so the form refuses what the API would. What only the mesh knows comes with its answer. */
export function faultsOf(group: string, app: string, request: unknown): Faults {
  const found = new Map<string, string>();
  const add = (pointer: string, words: string): void => {
    if (!found.has(pointer) && found.size < FAULTS_MAX) found.set(pointer, words);
  };
  for (const { message } of Errors(Name, group)) add('/group', message);
  for (const { message } of Errors(Name, app)) add('/app', message);
  for (const { instancePath, message } of Errors(DeployRequest, request)) add(instancePath, message);
  return found;
}
