import { isObject } from './reply.js'

const withheld = '[withheld]'
/** A shorter text occurs by chance. */
const shortestSecret = 4
/** Fields of Miro's answers that hold a token, an id or a name of a person, a team or an organization. */
const privateField = /^(id|name|email|.*_id|access_token|refresh_token|id_token)$/

/** Every secret, token, code and id that a run has met, so that the file can be kept free of them. */
export class Secrets {
  readonly #values = new Set<string>()

  add (...values: unknown[]): void {
    for (const value of values) {
      const text = typeof value === 'string' || typeof value === 'number' ? String(value) : ''
      if (text.length >= shortestSecret) this.#values.add(text)
    }
  }

  /** Adds what is private in an answer of Miro, at any depth. */
  addFrom (body: unknown): void {
    if (Array.isArray(body)) body.forEach((item) => { this.addFrom(item) })
    if (!isObject(body)) return
    for (const [name, value] of Object.entries(body)) {
      if (privateField.test(name)) this.add(value)
      this.addFrom(value)
    }
  }

  /** The same JSON value, in which every text or number with a secret in it is replaced. */
  withhold (value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.withhold(item))
    if (isObject(value)) {
      return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, this.withhold(item)]))
    }
    const isLeaf = typeof value === 'string' || typeof value === 'number'
    return isLeaf && this.#occursIn(String(value)) ? withheld : value
  }

  #occursIn (text: string): boolean {
    return [...this.#values].some((secret) => text.includes(secret) || text.includes(encodeURIComponent(secret)))
  }
}
