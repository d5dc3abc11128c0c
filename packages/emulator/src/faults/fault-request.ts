import type { FastifyRequest } from 'fastify'
import { isForm, readBody, readPath, readQuery } from '../wire/parameters.js'
import type { FaultRequest } from './fault-options.js'

/** @param status of Miro's answer, after the commit */
export function toFaultRequest (request: FastifyRequest, status?: number): FaultRequest {
  const body = readBody(request)
  return {
    method: request.method,
    path: readPath(request),
    headers: request.headers,
    parameters: new URLSearchParams([...readQuery(request), ...new URLSearchParams(isForm(request) ? body : '')]),
    body,
    status
  }
}
