import { forgetAll } from '../store/resource.ts';
import { signIn } from '../store/session.ts';
import { open } from './client.ts';
import { ApiProblem, problemOf } from './problem.ts';

const TOKEN = /^[\x21-\x7e]{1,512}$/;

/** Takes the token if the API does. @throws ApiProblem why not */
export async function signInWith(value: string): Promise<void> {
  if (!TOKEN.test(value)) throw refused();
  const headers = { authorization: `Bearer ${value}` };
  await open('GET', '/v1', { headers });
  forgetAll();
  signIn(value);
}

const refused = (): ApiProblem =>
  new ApiProblem({
    ...problemOf(undefined),
    code: 'unauthenticated',
    title: 'No token',
    detail: 'This is no API token.',
  });
