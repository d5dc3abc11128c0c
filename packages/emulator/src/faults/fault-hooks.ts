import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Miro } from '../miro.js'
import { recordInterruptedRefresh } from '../oauth/interrupted-refresh.js'
import { noAnswer, type PlainAnswer, readAnswer, replaceAnswer, sendPlain } from '../wire/plain-answer.js'
import { brokenMatch, toFaultyAnswer } from './fault-answer.js'
import type { Cut, Drop, FaultEnd, FaultRequest, FaultStage } from './fault-options.js'
import { toFaultRequest } from './fault-request.js'
import { isTarget } from './fault-target.js'

/** An answer goes on its way, changed or not; null if the connection is gone and nothing more is sent. */
type Passage = { payload: unknown } | null

/**
 * The one place where faults act. A route is a single synchronous step with its commit in it, so what happens before
 * the route is before the commit, and what happens to its answer is after.
 */
export function registerFaults (server: FastifyInstance, miro: Miro): void {
  const requests = new FaultyRequests(miro)

  server.addHook('preHandler', (request, reply, done) => {
    if (miro.faults.isEmpty) done()
    // Whoever was answered or lost the connection must not go on to the route.
    else requests.before(request, reply).then((goesOn) => { if (goesOn) done() }, done)
  })

  server.addHook('onSend', (request, reply, payload, done) => {
    if (miro.faults.isEmpty) done()
    else requests.after(request, reply, payload).then((passage) => { if (passage !== null) done(null, passage.payload) }, done)
  })
}

class FaultyRequests {
  readonly #miro: Miro
  /** Requests that no route has seen: nothing was committed, so nothing can go wrong after it. */
  readonly #unseen = new WeakSet<FastifyRequest>()

  constructor (miro: Miro) {
    this.#miro = miro
  }

  async before (request: FastifyRequest, reply: FastifyReply): Promise<boolean> {
    const view = toFaultRequest(request)
    const action = await this.#findEnd('before', request, view)
    if (action === null) return true
    if (action === 'dropped') {
      this.#sever(request)
      return false
    }
    this.#unseen.add(request)
    if (isTarget(view.path, 'token')) recordInterruptedRefresh(this.#miro, view.parameters)
    if (action.do === 'drop' || action.do === 'cut') this.#drop(request)
    else sendPlain(reply, this.#toAnswer(action, view, noAnswer))
    return false
  }

  async after (request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<Passage> {
    if (this.#unseen.has(request)) return { payload }
    const view = toFaultRequest(request, reply.statusCode)
    const action = await this.#findEnd('after', request, view)
    if (action === null) return { payload }
    if (action === 'dropped') return this.#sever(request)
    const answer = readAnswer(reply, payload)
    if (action.do === 'drop') return this.#drop(request)
    if (action.do === 'cut') return this.#cut(request, reply, answer)
    this.#miro.deliveries.record(request, 'garbled')
    return { payload: replaceAnswer(reply, this.#toAnswer(action, view, answer)) }
  }

  /** Waits for every delay in turn; the first other fault ends the request. */
  async #findEnd (stage: FaultStage, request: FastifyRequest, view: FaultRequest): Promise<FaultEnd | 'dropped' | null> {
    const { faults, log } = this.#miro
    try {
      for (const action of faults.take(stage, view)) {
        log.note(request, `fault: ${action.do}`)
        if (action.do !== 'delay') return action
        if (!await faults.heldRequests.hold(action)) return 'dropped'
      }
      return null
    } catch {
      return brokenMatch
    }
  }

  #toAnswer (action: Exclude<FaultEnd, Drop | Cut>, { path }: FaultRequest, answer: PlainAnswer): PlainAnswer {
    return toFaultyAnswer(action, answer, { path, style: this.#miro.settings.refusals })
  }

  #drop (request: FastifyRequest): null {
    this.#miro.log.record(request, 0)
    this.#miro.deliveries.record(request, 'dropped')
    return this.#sever(request)
  }

  /** For a request that was held across a reset, no more than this: it belongs to a time that is gone. */
  #sever (request: FastifyRequest): null {
    request.raw.socket.destroy()
    return null
  }

  #cut (request: FastifyRequest, { raw }: FastifyReply, { status, headers, body }: PlainAnswer): null {
    const whole = Buffer.from(body)
    // Of an answer without a body, half is nothing.
    if (whole.length < 2) return this.#drop(request)
    this.#miro.log.record(request, status)
    this.#miro.deliveries.record(request, 'cut')
    raw.writeHead(status, { ...headers, 'content-length': whole.length })
    raw.write(whole.subarray(0, Math.floor(whole.length / 2)), () => request.raw.socket.destroy())
    return null
  }
}
