import type { Person } from './person.js'

/** How somebody stands with the app, as far as it was confirmed. Instants are epoch milliseconds of the machine. */
export interface Standing {
  readonly person: Person
  state: 'out' | 'signing in' | 'in' | 'leaving'
  /** The family of pairs that the last sign-in began. */
  family: number
  /** When the last sign-in was confirmed. */
  signedInAt: number
  /** When the last sign-in began. */
  signInBeganAt: number
  /** When the last disconnect was confirmed; null where a sign-in was confirmed since, or the grant was lost. */
  disconnectedAt: number | null
  /** Whether somebody looks into what happened to the grant. */
  isLookedInto: boolean
}

export function newStanding (person: Person): Standing {
  return { person, state: 'out', family: 0, signedInAt: 0, signInBeganAt: 0, disconnectedAt: null, isLookedInto: false }
}

/** Whether a call was served in a time when the grant was disconnected from its beginning to its end. */
export function servedInAbsence ({ disconnectedAt, state, signInBeganAt }: Standing, beganAt: number, endedAt: number): boolean {
  if (disconnectedAt === null || beganAt <= disconnectedAt) return false
  return state === 'out' || endedAt < signInBeganAt
}
