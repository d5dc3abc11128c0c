import type { FastifyInstance, FastifyRequest } from 'fastify'
import findMyWay, { type Instance } from 'find-my-way'
import type { Miro } from '../miro.js'
import { MiroRefusal, notFound } from '../wire/envelope.js'
import { boardsPath, toCall, type Operation } from './operation.js'

export interface FoundOperation {
  operation: Operation
  params: Readonly<Record<string, string | undefined>>
}

/**
 * Finds the operation of a request. Fastify's own router does the same, but is built anew for each server, which takes
 * most of the time that an emulator needs to start; this one is built once for all emulators of a process.
 */
export class OperationRouter {
  readonly #router: Instance<never> = findMyWay({ onMaxParamLength () {} })

  constructor (root: string, operations: readonly Operation[]) {
    for (const operation of operations) {
      this.#router.on(operation.method, `${root}${operation.path}`, () => {}, operation)
    }
  }

  /** @throws {MiroRefusal} 404 where there is none, 414 for an id of more than 100 characters, as Fastify has it */
  find ({ method, url }: FastifyRequest): FoundOperation {
    const found = this.#router.find(method === 'HEAD' ? 'GET' : method as 'GET', url)
    if (found === null) throw notFound('Not found')
    if (found.store === null) throw new MiroRefusal(414, 'invalidParameters', 'The request cannot be read')
    return { operation: found.store as Operation, params: found.params }
  }
}

/** Answers every request below `/v2/boards` by its operation. */
export function registerOperations (server: FastifyInstance, miro: Miro, router: OperationRouter): void {
  for (const url of [boardsPath, `${boardsPath}/*`]) {
    server.route({
      method: ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'],
      url,
      handler (request, reply) {
        const { operation: { scope, level, status, handle }, params } = router.find(request)
        request.params = params
        const cost = typeof level === 'string' ? { level } : level(request)
        const answer = handle(toCall(miro, request, reply, { scope, ...cost }))
        // A redirect has a status already.
        if (reply.statusCode === 200) reply.code(status ?? (answer === null ? 204 : 200))
        return answer === null ? reply.send() : answer
      }
    })
  }
}
