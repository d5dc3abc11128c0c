export default async function (fastify) {
  fastify.get('/', { preHandler: fastify.miro.requireGrant }, (request) => request.miro.boards.list())
}
