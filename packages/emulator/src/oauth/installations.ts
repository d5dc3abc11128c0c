/** The app's installations: one per user and team, from the first exchanged code on. A revocation does not end one. */
export class Installations {
  readonly #keys = new Set<string>()

  get count (): number {
    return this.#keys.size
  }

  add (userId: string, teamId: string): void {
    this.#keys.add(toKey(userId, teamId))
  }

  has (userId: string, teamId: string): boolean {
    return this.#keys.has(toKey(userId, teamId))
  }
}

function toKey (userId: string, teamId: string): string {
  return `${userId}/${teamId}`
}
