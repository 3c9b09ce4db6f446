import Type from 'typebox';
import { ShoalError } from '../../../protocol/errors.ts';
import { Name } from '../../../protocol/schemas/common.ts';
import { VersionRequest } from '../../../protocol/schemas/requests.ts';
import { Version } from '../../../protocol/schemas/version.ts';
import { VersionDiff } from '../../../protocol/schemas/version-diff.ts';
import { checkMay, noSuch, run } from '../command.ts';
import { pageOfItems } from '../pages.ts';
import { resolveSpec } from '../resolve-image.ts';
import { answers, pageOf, pageQuery, query, ref } from '../schemas.ts';
import type { Routes } from './context.ts';

const params = Type.Object({ group: Name, app: Name });
const numberText = Type.String({ pattern: '^[1-9][0-9]{0,5}$' });
const tags = ['versions'];
const path = '/v1/groups/:group/apps/:app/versions';

export const versionRoutes: Routes = (app, { platform }) => {
  const versionsOf = ({ group, app: name }: { group: string; app: string }): readonly Version[] => {
    if (platform.app(group, name) === undefined) throw noSuch(`app "${group}/${name}"`);
    return platform.versions(group, name);
  };

  app.get(
    path,
    {
      schema: {
        operationId: 'listVersions',
        description: 'Newest first.',
        tags,
        params,
        querystring: query(pageQuery),
        response: answers({ 200: pageOf(Version) }),
      },
    },
    (request) => pageOfItems(versionsOf(request.params), keyOf, request.query, 'descending'),
  );

  app.get(
    `${path}/:number`,
    {
      schema: {
        operationId: 'getVersion',
        tags,
        params: Type.Object({ ...params.properties, number: numberText }),
        response: answers({ 200: ref(Version) }),
      },
    },
    (request) => {
      const { number } = request.params;
      const found = versionsOf(request.params).find((version) => version.number === Number(number));
      if (found === undefined) throw noSuch(`version ${number} of "${request.params.group}/${request.params.app}"`);
      return found;
    },
  );

  app.get(
    `${path}/:from/diff/:to`,
    {
      schema: {
        operationId: 'diffVersions',
        description: 'What differs between two versions: variables, labels and files one by one, contents by digest.',
        tags,
        params: Type.Object({ ...params.properties, from: numberText, to: numberText }),
        response: answers({ 200: ref(VersionDiff) }),
      },
    },
    (request) => {
      const { group, app: name, from, to } = request.params;
      const numbers = new Set(versionsOf(request.params).map(({ number }) => number));
      const missing = [from, to].find((number) => !numbers.has(Number(number)));
      const found = platform.diffVersions(group, name, Number(from), Number(to));
      if (found === undefined) throw noSuch(`version ${missing} of "${group}/${name}"`);
      return found;
    },
  );

  app.post(
    path,
    {
      schema: {
        operationId: 'createVersion',
        description:
          'Versions never change, nor what their image stands for. When nothing differs from the latest one, that one is ' +
          'answered. The contents of files are kept apart: a version shows their digests.',
        tags,
        params,
        body: ref(VersionRequest),
        response: answers({ 201: ref(Version) }),
      },
    },
    async (request, reply) => {
      const { group, app: name } = request.params;
      const { spec } = request.body;
      checkMay(request, 'version.create');
      const resolved = await resolveSpec(platform, { spec }, request.signal);
      const command = { kind: 'version.create', group, app: name, spec, ...resolved } as const;
      const { body } = await run(platform, request, reply, command);
      const location = `/v1/groups/${group}/apps/${name}/versions/${numberOf(body)}`;
      return reply.code(201).header('location', location).send(body);
    },
  );
};

/** Padded, so that the order of keys is the order of numbers. */
const keyOf = (version: Version): string => String(version.number).padStart(6, '0');

function numberOf(body: unknown): number {
  if (typeof body === 'object' && body !== null && 'number' in body && typeof body.number === 'number')
    return body.number;
  throw new ShoalError('internal', 'a created version has no number');
}
