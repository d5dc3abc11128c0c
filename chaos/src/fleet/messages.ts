import type { RefreshLimits } from '@miro-oauth/core'
import type { StoreKind } from '../stores/store-kind.js'
import type { SubjectName } from '../subjects/subject-name.js'

/** Miro's addresses, and the credentials of the app that is registered there. */
export interface MiroAddress {
  apiUrl: string
  authorizeUrl: string
  clientId: string
  clientSecret: string
  redirectUri: string
}

/** The options of a process, which it gets as its only argument. */
export interface WorkerOptions {
  /** Unique in the fleet: a process that replaces another one has a new id. */
  id: string
  seed: number
  subject: SubjectName
  store: { kind: StoreKind, url: string }
  miro: MiroAddress
  people: number
  /** How many calls to Miro this process makes each second. */
  callsPerSecond: number
  limits: RefreshLimits
  accessTokenSeconds: number
  /** By how many milliseconds the clock of this process is ahead of the machine's. */
  aheadMs: number
}

/** A task that the driver gives a process: sign a person in, or disconnect their grant. A `done` message answers it. */
export interface Task {
  type: 'sign-in' | 'disconnect'
  person: number
}

/** A command from the driver that is not answered: begin the calls, make no more of them, or advance the clock. */
export type Command = { type: 'begin-calls' } | { type: 'end-calls' } | { type: 'advance-clock', ms: number }

/** A message from a process to the driver. Instants are epoch milliseconds of the machine. */
export type Message =
  | { type: 'ready' }
  /** `error` is a code of the subject, or null if the task was done. */
  | { type: 'done', task: Task, error: string | null }
  /** A pair is in the store: this process wrote it or read it there. */
  | { type: 'stored', refreshToken: string, at: number }
  /** A call failed with an error for which an app would ask the person to sign in again. */
  | { type: 'unusable', person: number, code: string, beganAt: number }
  /** A call for one person was answered with another person's data. */
  | { type: 'foreign', person: number, answeredAs: string }
  | { type: 'report', calls: CallReport }

/** The calls of one process since its last report. */
export interface CallReport {
  /** How long each call took, in milliseconds. */
  durationsMs: number[]
  /** How many calls failed with which code. */
  errors: Record<string, number>
  /** The calls that were answered, each with its beginning and its end. */
  served: Array<[person: number, beganAt: number, endedAt: number]>
}
