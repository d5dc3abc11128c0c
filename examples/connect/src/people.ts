import type { ScryptOptions } from 'node:crypto'
import { hashPassword, isPassword } from './passwords.js'

/** A user of this app. */
export interface Person {
  /** Stable for ever. A login name is no id: a person can change it, and another one can take it. */
  id: string
  login: string
  name: string
}

/** The accounts of the app. Yours are in a database. */
export interface People {
  find: (id: string | undefined) => Person | null
  /** `null`: no account has this login, or the password is wrong. It does not say which, and takes as long for both. */
  signIn: (login: string, password: string) => Promise<Person | null>
}

const demo: readonly Person[] = [
  { id: 'person-1', login: 'mia', name: 'Mia Sandberg' },
  { id: 'person-2', login: 'tomas', name: 'Tomás Rivera' },
  { id: 'person-3', login: 'yuki', name: 'Yuki Tanaka' }
]

/** Creates three people to try the example with. They share one password and its hash; your users have one each. */
export async function createDemoPeople (sharedPassword: string, cost?: ScryptOptions): Promise<People> {
  const hashed = await hashPassword(sharedPassword, cost)
  return {
    find: (id) => demo.find((person) => person.id === id) ?? null,
    async signIn (login, password) {
      const person = demo.find((other) => other.login === login.trim().toLowerCase())
      // The password is checked for an unknown login too: a faster answer would reveal which logins exist.
      const isRight = await isPassword(password, hashed)
      return isRight ? person ?? null : null
    }
  }
}
