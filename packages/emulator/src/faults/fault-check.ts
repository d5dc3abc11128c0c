import { validateHeaderName, validateHeaderValue } from 'node:http'
import { isChoice, listChoices } from '../choice.js'
import { requireKnown } from '../known-names.js'
import { EmulatorOptionError } from '../option-error.js'
import type { Answer, Delay, FaultAction, FaultOptions } from './fault-options.js'

const actions = ['refuse', 'answer', 'delay', 'drop', 'cut', 'garble'] as const
const stages = ['before', 'after'] as const
const targets = ['token', 'revoke', 'api', 'authorize'] as const
const garbles = ['html', 'truncated', 'types'] as const
const refusals = ['grant', 'client', 'conflict'] as const

// Node.js fires a longer timer at once.
const maxDelayMs = 2 ** 31 - 1

// These headers frame the body: a fault that sets one could hang the client. For a broken body there is `cut`.
const framingHeaders = ['content-length', 'transfer-encoding', 'trailer', 'upgrade']

/** The fields of faults. */
const fields = { on: 0, match: 0, times: 0, do: 0, when: 0, as: 0, status: 0, headers: 0, body: 0, ms: 0, until: 0 }

/**
 * Checks a fault before it could fail in the middle of a request.
 *
 * @throws {EmulatorOptionError} naming the field that is unknown or invalid
 */
export function checkFault (fault: FaultOptions): void {
  requireKnown('A fault cannot work: ', fault, fields)
  const { on, match, times = 1 } = fault
  demand(on === undefined || isChoice(on, targets) || isPath(on), `on must be ${listChoices(targets)}, or a path`)
  demand(match === undefined || typeof match === 'function', 'match must be a function')
  demand(times === Infinity || (Number.isInteger(times) && times > 0), 'times must be a positive integer or Infinity')
  checkAction(fault)
}

function checkAction (action: FaultAction): void {
  demand(isChoice(action.do, actions), `do must be ${listChoices(actions)}`)
  const when: unknown = Reflect.get(action, 'when')
  if (action.do === 'cut' || action.do === 'garble') demand(when === undefined, `${action.do} takes no when`)
  else demand(when === undefined || isChoice(when, stages), `when must be ${listChoices(stages)}`)
  if (action.do === 'garble') demand(isChoice(action.as, garbles), `as must be ${listChoices(garbles)}`)
  if (action.do === 'refuse') {
    demand(action.as === undefined || isChoice(action.as, refusals), `as must be ${listChoices(refusals)}`)
  }
  if (action.do === 'answer') checkAnswer(action)
  if (action.do === 'delay') checkDelay(action)
}

function checkAnswer ({ status, headers = {} }: Answer): void {
  demand(Number.isInteger(status) && status >= 200 && status <= 599, 'status must be an integer from 200 to 599')
  for (const [name, value] of Object.entries(headers)) {
    demand(!framingHeaders.includes(name.toLowerCase()), `headers cannot set ${name}`)
    demand(isHeader(name, value), 'headers must be valid in HTTP')
  }
}

function checkDelay (delay: Delay): void {
  if ('ms' in delay) demand(delay.ms >= 0 && delay.ms <= maxDelayMs, `ms must be a number from 0 to ${maxDelayMs}`)
  else demand(typeof delay.until?.then === 'function', 'a delay takes ms, or until, which is a promise')
}

function isPath (value: unknown): boolean {
  return typeof value === 'string' && value.startsWith('/')
}

function isHeader (name: string, value: string): boolean {
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value)
    return true
  } catch {
    return false
  }
}

function demand (holds: boolean, message: string): void {
  if (!holds) throw new EmulatorOptionError(`A fault cannot work: ${message}`)
}
