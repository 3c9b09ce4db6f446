import Type from 'typebox';
import { Namespace, NamespaceName } from '../../../protocol/schemas/image.ts';
import { NamespaceChange } from '../../../protocol/schemas/requests.ts';
import { run } from '../command.ts';
import { pageOfItems } from '../pages.ts';
import { answers, pageOf, pageQuery, query, ref } from '../schemas.ts';
import type { RouteContext, Routes } from './context.ts';

const params = Type.Object({ namespace: NamespaceName });
const tags = ['images'];

export const namespaceRoutes: Routes = (app, context) => {
  const { platform } = context;

  app.get(
    '/v1/namespaces',
    {
      schema: {
        operationId: 'listNamespaces',
        description: "First components of the names of the mesh's own repositories.",
        tags,
        querystring: query(pageQuery),
        response: answers({ 200: pageOf(Namespace) }),
      },
    },
    (request) => pageOfItems(platform.images.namespaces(), ({ name }) => name, request.query),
  );

  app.put(
    '/v1/namespaces/:namespace',
    {
      schema: {
        operationId: 'putNamespace',
        tags,
        params,
        body: ref(NamespaceChange),
        response: answers({ 200: ref(Namespace), 201: ref(Namespace) }),
      },
    },
    async (request, reply) => {
      const { namespace } = request.params;
      const { body, isNew } = await run(platform, request, reply, {
        kind: 'namespace.put',
        namespace,
        ...request.body,
      });
      return reply.code(isNew ? 201 : 200).send(find(context, namespace) ?? body);
    },
  );
};

const find = ({ platform }: RouteContext, wanted: string) =>
  platform.images.namespaces().find(({ name }) => name === wanted);
