/** Somebody who uses the app. Everybody is alone in a team with one board, so that whose answer it is shows in every answer. */
export interface Person {
  index: number
  userId: string
  teamId: string
}

// Beyond 2^53, as Miro's are.
const firstUser = 3458764510000000000n
const firstTeam = 3458764520000000000n

export function personAt (index: number): Person {
  return { index, userId: String(firstUser + BigInt(index)), teamId: String(firstTeam + BigInt(index)) }
}

export function crowd (count: number): Person[] {
  return Array.from({ length: count }, (_, index) => personAt(index))
}
