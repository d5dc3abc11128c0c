import type { WorkerOptions } from '../fleet/messages.js'
import type { Person } from '../people/person.js'
import type { OpenStore } from '../stores/open-store.js'
import type { OnStored } from '../worker/stored-pairs.js'

/** Opens Miro's authorize page as a person, presses "Install & authorize", and returns the URL of the callback. */
export type Authorize = (authorizeUrl: string, person: Person) => Promise<string>

/** What a subject works with. */
export interface SubjectParts {
  options: WorkerOptions
  /** By how many milliseconds the clock of this process is ahead of the machine's. */
  aheadMs: () => number
  open: OpenStore
  /** `fetch` with the sender header. */
  fetch: (url: string, init?: RequestInit) => Promise<Response>
  authorize: Authorize
  onStored: OnStored
}

/** The token handling under test, in one process. */
export interface Subject {
  /** Makes one call to Miro's API for a person, and returns the Miro user id that the answer is about. */
  call: (person: Person) => Promise<string>
  signIn: (person: Person) => Promise<void>
  disconnect: (person: Person) => Promise<void>
  /** A short code for an error that one of these threw. */
  codeOf: (error: unknown) => string
  /** Whether an app would ask the person to sign in again after an error with this code. */
  needsSignIn: (code: string) => boolean
  close: () => Promise<void>
}
