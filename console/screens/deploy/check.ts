import { Errors } from 'typebox/value';
import { Name, type Problem } from '../../../protocol/schemas/common.ts';
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

/** With what the mesh would refuse it for, each beside the field that it names. */
export const withRefusal = (faults: Faults, problem: Problem | undefined): Faults =>
  new Map([...(problem?.errors ?? []).map(({ pointer, detail }) => [pointer, detail] as const), ...faults]);
