import { ConfigError } from '../errors.js'

/** Where a run is: it goes through the grants first, then through the revocations that were put off. */
export type DuePlace =
  | { part: 'grants', cursor: string | undefined }
  | { part: 'revocations', cursor: string | undefined }

const prefixes = { grants: 'grants:', revocations: 'revocations:' } as const

/** A store's cursor may be any text, so the part that it belongs to stands before it. */
export function toDueCursor ({ part, cursor = '' }: DuePlace): string {
  return prefixes[part] + cursor
}

/** @throws {ConfigError} a text that {@link toDueCursor} did not make */
export function parseDueCursor (text: string | undefined): DuePlace {
  if (text === undefined) return { part: 'grants', cursor: undefined }
  for (const part of ['grants', 'revocations'] as const) {
    if (text.startsWith(prefixes[part])) return { part, cursor: text.slice(prefixes[part].length) || undefined }
  }
  throw new ConfigError('The option cursor of refreshDue must be a cursor that refreshDue returned.')
}
