import { RecordError, type GrantRef } from '@miro-oauth/core'

/** The reference of a grant in a record of the kind `flow`. @throws {RecordError} it holds none */
export function parseRef (body: string): GrantRef {
  try {
    const value: unknown = JSON.parse(body)
    if (isRef(value)) return value
  } catch {
    // Not JSON: the same failure as JSON of another shape.
  }
  throw new RecordError()
}

export function isRef (value: unknown): value is GrantRef {
  if (typeof value !== 'object' || value === null || !('userId' in value) || !('teamId' in value)) return false
  return typeof value.userId === 'string' && typeof value.teamId === 'string'
}
