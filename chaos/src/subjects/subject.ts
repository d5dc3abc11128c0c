import type { OnStored } from '../worker/stored-pairs.js'
import type { WorkerOptions } from '../fleet/messages.js'
import type { Person } from '../people/person.js'
import type { OpenStore } from '../stores/open-store.js'

/** Sends somebody's browser to Miro's page, where they say yes, and returns where Miro sends it then. */
export type Visit = (authorizeUrl: string, person: Person) => Promise<string>

/** What a subject works with. */
export interface SubjectParts {
  options: WorkerOptions
  /** How much the clock of this process is ahead of the machine's, in milliseconds. */
  ahead: () => number
  open: OpenStore
  /** `fetch` with the sender's number. */
  fetch: (url: string, init?: RequestInit) => Promise<Response>
  visit: Visit
  onStored: OnStored
}

/** Somebody's handling of tokens, in one process. */
export interface Subject {
  /** One call to Miro's API for somebody. Returns the Miro user id of whoever answered. */
  call: (person: Person) => Promise<string>
  signIn: (person: Person) => Promise<void>
  disconnect: (person: Person) => Promise<void>
  /** A short name for an error of one of these. */
  codeOf: (error: unknown) => string
  /** Whether an error with this code would make an app ask the person to sign in again. */
  isOver: (code: string) => boolean
  close: () => Promise<void>
}
