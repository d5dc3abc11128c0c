import { randomUUID, type ScryptOptions } from 'node:crypto'
import { hashPassword, isPassword, type HashedPassword } from './passwords.js'

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

/** Three people to try the example with, who all have the same password. */
export async function createDemoPeople (password: string, cost?: ScryptOptions): Promise<People> {
  const accounts = await Promise.all(demo.map(async (person) => ({ person, password: await hashPassword(password, cost) })))
  const nobody = await hashPassword(randomUUID(), cost)
  return createPeople(accounts, nobody)
}

/** @param nobody is checked where there is no such login: an answer that comes sooner would tell who has an account */
function createPeople (accounts: ReadonlyArray<{ person: Person, password: HashedPassword }>, nobody: HashedPassword): People {
  return {
    find: (id) => accounts.find(({ person }) => person.id === id)?.person ?? null,
    async signIn (login, password) {
      const account = accounts.find(({ person }) => person.login === login.trim().toLowerCase())
      const isRight = await isPassword(password, account?.password ?? nobody)
      return isRight ? account?.person ?? null : null
    }
  }
}
