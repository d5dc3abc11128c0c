import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto'

/** How much work a guess is. 16 MB and some 200 ms each; @see https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#scrypt */
export const strong = { N: 2 ** 14, r: 8, p: 5 }

/** What is kept of a password. The cost stands beside it, so that it can be raised later for new ones. */
export interface HashedPassword {
  salt: Buffer
  key: Buffer
  cost: ScryptOptions
}

export async function hashPassword (password: string, cost: ScryptOptions = strong): Promise<HashedPassword> {
  const salt = randomBytes(16)
  return { salt, key: await derive(password, salt, cost), cost }
}

export async function isPassword (password: string, { salt, key, cost }: HashedPassword): Promise<boolean> {
  return timingSafeEqual(await derive(password, salt, cost), key)
}

function derive (password: string, salt: Buffer, cost: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // One person types an accent as one character, another keyboard as two.
    scrypt(password.normalize('NFKC'), salt, 32, cost, (error, key) => { error === null ? resolve(key) : reject(error) })
  })
}
