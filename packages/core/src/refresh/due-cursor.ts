import { ConfigError } from '../errors.js'

/**
 * Where a run is: it takes pages of a walk through the grants that processes share; where others took pages too, it
 * looks at the grants that are left; then it goes through the revocations that were put off.
 */
export interface DuePlace {
  part: 'shared' | 'grants' | 'revocations'
  /** The store's cursor, or the id of the walk that is shared. */
  cursor: string | undefined
}

const prefixes = { shared: 'shared:', grants: 'grants:', revocations: 'revocations:' } as const

/** A store's cursor may be any text, so the part that it belongs to stands before it. */
export function toDueCursor ({ part, cursor = '' }: DuePlace): string {
  return prefixes[part] + cursor
}

/** @throws {ConfigError} a text that {@link toDueCursor} did not make */
export function parseDueCursor (text: string | undefined): DuePlace {
  if (text === undefined) return { part: 'shared', cursor: undefined }
  for (const part of ['shared', 'grants', 'revocations'] as const) {
    if (text.startsWith(prefixes[part])) return { part, cursor: text.slice(prefixes[part].length) || undefined }
  }
  throw new ConfigError('The option cursor of refreshDue must be a cursor that refreshDue returned.')
}
