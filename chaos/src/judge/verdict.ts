import type { Excuse } from './excuse.js'

/** What became of one person's grant. */
export type Verdict =
  /** The store holds the live pair. */
  | { fate: 'alive' }
  /** The person disconnected, and the store holds no active grant of theirs. */
  | { fate: 'disconnected' }
  /** A process may be about to store the live pair. */
  | { fate: 'undecided', why: string }
  /** `ageMs`: how old the request was when its process was killed, where that is the cause. */
  | { fate: 'lost', avoidable: boolean, cause: string, ageMs?: number }
  /** A disconnected grant is in use again without a sign-in. */
  | { fate: 'resurrected', cause: string }
  /** The store holds a pair of an older sign-in. */
  | { fate: 'wrong epoch', cause: string }
  /** The store holds another person's pair. */
  | { fate: 'foreign token', cause: string }

/** A loss that a correct client would have avoided. */
export function avoidableLoss (cause: string): Verdict {
  return { fate: 'lost', avoidable: true, cause }
}

/** A loss that no client could have avoided. */
export function unavoidableLoss (excuse: Excuse): Verdict {
  return { fate: 'lost', avoidable: false, ...excuse }
}
