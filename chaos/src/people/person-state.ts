import type { Person } from './person.js'

/** The confirmed actions of one person. Instants are epoch milliseconds of the machine. */
export interface PersonState {
  readonly person: Person
  phase: 'signed out' | 'signing in' | 'signed in' | 'disconnecting'
  /** The family of token pairs that the last sign-in began. */
  family: number
  /** When the last sign-in was confirmed. */
  signedInAt: number
  /** When the last sign-in began. */
  signInBeganAt: number
  /** When the last disconnect was confirmed; null if the last confirmed action was a sign-in. */
  disconnectedAt: number | null
  /** Whether a failed call of this person is being judged now. */
  isBeingJudged: boolean
}

export function newPersonState (person: Person): PersonState {
  const never = { family: 0, signedInAt: 0, signInBeganAt: 0, disconnectedAt: null }
  return { person, phase: 'signed out', ...never, isBeingJudged: false }
}

export interface ServedCall {
  beganAt: number
  endedAt: number
}

/** Whether a call was served although the grant was disconnected from the call's beginning to its end. */
export function isServedWhileDisconnected (state: PersonState, { beganAt, endedAt }: ServedCall): boolean {
  const { disconnectedAt, phase, signInBeganAt } = state
  if (disconnectedAt === null || beganAt <= disconnectedAt) return false
  return phase === 'signed out' || endedAt < signInBeganAt
}
