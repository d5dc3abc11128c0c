/** A user of the app. Each is alone in a team with one board, so that Miro's answers show whose token was used. */
export interface Person {
  index: number
  userId: string
  teamId: string
}

// Beyond 2^53, as Miro's ids are.
const firstUser = 3458764510000000000n
const firstTeam = 3458764520000000000n

export function personAt (index: number): Person {
  return { index, userId: String(firstUser + BigInt(index)), teamId: String(firstTeam + BigInt(index)) }
}

export function createPeople (count: number): Person[] {
  return Array.from({ length: count }, (_, index) => personAt(index))
}
