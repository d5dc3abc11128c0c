import type { Session } from '../session/session.js'

/** A value of the file. Of what Miro sent it holds words of a protocol, numbers, types and lengths. */
export type Fact = string | number | boolean | null | readonly Fact[] | { readonly [name: string]: Fact }

/** What a run found out. */
export interface Finding {
  /** A few fixed words, so that two runs can be compared. */
  answer: string
  facts: Readonly<Record<string, Fact>>
}

export interface Question {
  id: string
  question: string
  /** What the person is asked to agree to first: a step that ends grants, or takes long. */
  agreeTo?: string
  /** @throws {Unanswered} this run cannot tell */
  ask: (session: Session) => Promise<Finding>
}
