export const subjectNames = ['ours', 'miro-api', 'fastify-oauth2', 'without-lease'] as const

/** The token handling under test. `without-lease` is ours over a store that hides every lease, to test the judge. */
export type SubjectName = typeof subjectNames[number]

/** Whether a subject is core, which keeps records in the store and takes a clock; the libraries do neither. */
export function usesCore (subject: SubjectName): boolean {
  return subject === 'ours' || subject === 'without-lease'
}
