import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Miro } from '../miro.js'
import { recordInterruptedRefresh } from '../oauth/interrupted-refresh.js'
import { noAnswer, type PlainAnswer, readAnswer, replaceAnswer, sendPlain } from '../wire/plain-answer.js'
import { brokenMatch, toFaultyAnswer } from './fault-answer.js'
import type { Cut, Drop, FaultEnd, FaultRequest, FaultStage } from './fault-options.js'
import { toFaultRequest } from './fault-request.js'
import { isTarget } from './fault-target.js'

/** What ends a request at one stage; null if it goes on. */
type StageEnd = FaultEnd | 'held until reset' | null

/** The payload to send, changed or not; null if the connection is closed and nothing more may be sent. */
type FaultyPayload = { payload: unknown } | null

/**
 * Applies the faults to every request, in two hooks. A route makes its commit in one synchronous step, so the hook that
 * runs before the route runs before the commit, and the hook that gets its answer runs after it.
 */
export function registerFaults (server: FastifyInstance, miro: Miro): void {
  const requests = new FaultyRequests(miro)

  server.addHook('preHandler', (request, reply, done) => {
    if (miro.faults.isEmpty) done()
    // Without `done` the route is not called: the request was answered, or its connection closed.
    else requests.before(request, reply).then((goesOn) => { if (goesOn) done() }, done)
  })

  server.addHook('onSend', (request, reply, payload, done) => {
    if (miro.faults.isEmpty) done()
    else {
      requests.after(request, reply, payload).then((faulty) => {
        if (faulty !== null) done(null, faulty.payload)
      }, done)
    }
  })
}

class FaultyRequests {
  readonly #miro: Miro
  /** The requests that a fault ended before their route: they have no commit, so no `after` fault applies to them. */
  readonly #endedBefore = new WeakSet<FastifyRequest>()

  constructor (miro: Miro) {
    this.#miro = miro
  }

  /** Applies the faults before the commit. Returns whether the route is to be called. */
  async before (request: FastifyRequest, reply: FastifyReply): Promise<boolean> {
    const view = toFaultRequest(request)
    const action = await this.#waitForEnd('before', request, view)
    if (action === null) return true
    if (action === 'held until reset') {
      this.#closeConnection(request)
      return false
    }
    this.#endedBefore.add(request)
    if (isTarget(view.path, 'token')) recordInterruptedRefresh(this.#miro, view.parameters)
    if (action.do === 'drop' || action.do === 'cut') this.#drop(request)
    else sendPlain(reply, this.#toAnswer(action, view, noAnswer))
    return false
  }

  /** Applies the faults after the commit. */
  async after (request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<FaultyPayload> {
    if (this.#endedBefore.has(request)) return { payload }
    const view = toFaultRequest(request, reply.statusCode)
    const action = await this.#waitForEnd('after', request, view)
    if (action === null) return { payload }
    if (action === 'held until reset') return this.#closeConnection(request)
    const answer = readAnswer(reply, payload)
    if (action.do === 'drop') return this.#drop(request)
    if (action.do === 'cut') return this.#cut(request, reply, answer)
    this.#miro.deliveries.record(request, 'garbled')
    return { payload: replaceAnswer(reply, this.#toAnswer(action, view, answer)) }
  }

  /** Waits for every delay in turn. Returns the first other fault, which ends the request, or null if there is none. */
  async #waitForEnd (stage: FaultStage, request: FastifyRequest, view: FaultRequest): Promise<StageEnd> {
    const { faults, log } = this.#miro
    try {
      for (const action of faults.take(stage, view)) {
        log.note(request, `fault: ${action.do}`)
        if (action.do !== 'delay') return action
        if (!await faults.heldRequests.hold(action)) return 'held until reset'
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
    return this.#closeConnection(request)
  }

  /** Records nothing, because a request that was held until a reset must not appear in the log and ledger after it. */
  #closeConnection (request: FastifyRequest): null {
    request.raw.socket.destroy()
    return null
  }

  #cut (request: FastifyRequest, { raw }: FastifyReply, { status, headers, body }: PlainAnswer): null {
    const whole = Buffer.from(body)
    // Half of an empty body is the whole answer, so the connection is dropped instead.
    if (whole.length < 2) return this.#drop(request)
    this.#miro.log.record(request, status)
    this.#miro.deliveries.record(request, 'cut')
    raw.writeHead(status, { ...headers, 'content-length': whole.length })
    raw.write(whole.subarray(0, Math.floor(whole.length / 2)), () => request.raw.socket.destroy())
    return null
  }
}
