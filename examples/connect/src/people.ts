import type { ScryptOptions } from 'node:crypto'
import { hashPassword, isPassword } from './passwords.js'

/** Somebody with an account here. Whether and as whom they are at Miro is another matter. */
export interface Person {
  /** Names them for ever: never the login name, which people change and somebody else takes. */
  id: string
  login: string
  name: string
}

/** Who has an account. Your app has a database for this. */
export interface People {
  find: (id: string | undefined) => Person | null
  /** `null`: there is nobody with this login, or the password is another; which of the two is not told. */
  signIn: (login: string, password: string) => Promise<Person | null>
}

const demo: readonly Person[] = [
  { id: 'person-1', login: 'mia', name: 'Mia Sandberg' },
  { id: 'person-2', login: 'tomas', name: 'Tomás Rivera' },
  { id: 'person-3', login: 'yuki', name: 'Yuki Tanaka' }
]

/** Three people to try the example with. They share a password, and so its hash; yours have one each. */
export async function createDemoPeople (sharedPassword: string, cost?: ScryptOptions): Promise<People> {
  const hashed = await hashPassword(sharedPassword, cost)
  return {
    find: (id) => demo.find((person) => person.id === id) ?? null,
    async signIn (login, password) {
      const person = demo.find((other) => other.login === login.trim().toLowerCase())
      // Where there is no such login too: an answer that comes sooner would tell who has an account.
      const isRight = await isPassword(password, hashed)
      return isRight ? person ?? null : null
    }
  }
}
