import type { RefreshLimits } from '@miro-oauth/core'
import type { StoreKind } from '../stores/store-kind.js'

export const subjectNames = ['ours', 'miro-api', 'fastify-oauth2', 'blind'] as const

/** Whose handling of tokens is put to the test. `blind` is ours over a store that shows no claims: the judge must notice. */
export type SubjectName = typeof subjectNames[number]

/** Miro, and the app as it is registered there. */
export interface MiroAddress {
  apiUrl: string
  authorizeUrl: string
  clientId: string
  clientSecret: string
  redirectUri: string
}

/** What a process is told when it is forked. */
export interface WorkerOptions {
  /** Names this life of this process. */
  id: string
  seed: number
  subject: SubjectName
  store: { kind: StoreKind, url: string }
  miro: MiroAddress
  people: number
  /** How many calls to Miro this process makes a second. */
  callsPerSecond: number
  limits: RefreshLimits
  accessTokenSeconds: number
  /** How much the clock of this process is ahead of the machine's, in milliseconds. */
  aheadMs: number
}

/** What the driver asks of a process: to let somebody in, or to end their grant. */
export interface Task {
  do: 'sign-in' | 'disconnect'
  person: number
}

/** Tells a process to begin its calls, to make no more, or to put its clock ahead. */
export type Order = { do: 'begin' } | { do: 'rest' } | { do: 'leap', ms: number }

/** What a process tells the driver. Instants are epoch milliseconds of the machine. */
export type Word =
  | { say: 'ready' }
  | { say: 'done', task: Task, error: string | null }
  /** A pair stands in the store, as far as this process can tell. */
  | { say: 'stored', refreshToken: string, at: number }
  /** A call failed in a way that asks the person to sign in again. */
  | { say: 'unusable', person: number, code: string, beganAt: number }
  /** A call for one person was answered as if it came from another. */
  | { say: 'foreign', person: number, answeredAs: string }
  | { say: 'report', calls: CallReport }

/** What became of the calls since the last report. */
export interface CallReport {
  /** How long each call took, in milliseconds. */
  waits: number[]
  errors: Record<string, number>
  /** Who was served, from when to when. */
  served: Array<[person: number, beganAt: number, endedAt: number]>
}
