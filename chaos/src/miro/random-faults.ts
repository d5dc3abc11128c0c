import type { FaultAction } from '@miro-oauth/emulator'
import type { Timings } from '../timings.js'

/** A fault, and the share of requests that meet it. */
export interface RandomFault {
  action: FaultAction
  share: number
  /** Whether the answer is lost after Miro has acted. */
  losesAnswer?: true
}

/** The faults of the REST API. */
export const apiFaults: readonly RandomFault[] = [
  { action: { do: 'drop' }, share: 0.003 },
  { action: { do: 'cut' }, share: 0.002 },
  { action: { do: 'answer', status: 503 }, share: 0.003 },
  { action: { do: 'answer', status: 429, headers: { 'retry-after': '1' } }, share: 0.002 },
  { action: { do: 'delay', ms: 1000 }, share: 0.005 }
]

const fastTokenFaults: readonly RandomFault[] = [
  { action: { do: 'drop' }, share: 0.003 },
  { action: { do: 'answer', status: 503 }, share: 0.004 },
  { action: { do: 'answer', status: 429, headers: { 'retry-after': '1' } }, share: 0.003 },
  { action: { do: 'drop', when: 'after' }, share: 0.0015, losesAnswer: true },
  { action: { do: 'answer', when: 'after', status: 502 }, share: 0.001, losesAnswer: true },
  { action: { do: 'cut' }, share: 0.0015, losesAnswer: true },
  { action: { do: 'garble', as: 'truncated' }, share: 0.0005, losesAnswer: true },
  { action: { do: 'garble', as: 'types' }, share: 0.0003, losesAnswer: true },
  { action: { do: 'garble', as: 'html' }, share: 0.0002, losesAnswer: true }
]

/** The share of token requests with a slow answer. */
const slowShare = 0.01
/** A fault of the emulator has one fixed delay, so the range of delays takes this many faults. */
const slowSteps = 8

/** The faults of the token endpoint. */
export function tokenFaults (timings: Timings): readonly RandomFault[] {
  return [...fastTokenFaults, ...slowAnswers(timings)]
}

export function totalShare (faults: readonly RandomFault[]): number {
  return faults.reduce((total, { share }) => total + share, 0)
}

function slowAnswers ({ slowAnswer: { least, most } }: Timings): RandomFault[] {
  return Array.from({ length: slowSteps }, (_, step) => {
    const ms = Math.round(least + (most - least) * step / (slowSteps - 1))
    const share = slowShare / slowSteps / 2
    return (['before', 'after'] as const).map((when): RandomFault => ({ action: { do: 'delay', when, ms }, share }))
  }).flat()
}
