import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto'

/**
 * What a guess costs: 16 MB and some 200 ms.
 *
 * @see https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#scrypt
 */
export const strong = { N: 2 ** 14, r: 8, p: 5 }

/** The stored form of a password. It includes the cost, so that new passwords can get a higher one later. */
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
    // Keyboards differ in how they type an accent: as one character or as two.
    const normalized = password.normalize('NFKC')
    scrypt(normalized, salt, 32, cost, (error, key) => { error === null ? resolve(key) : reject(error) })
  })
}
