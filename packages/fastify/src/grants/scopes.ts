import type { Grant } from '@miro-oauth/core'

/** Whether there is a grant that has every scope which the app requires. */
export function hasScopes (holder: { readonly grant: Grant | null }, required: readonly string[]): boolean {
  return required.every((scope) => holder.grant?.scopes.includes(scope) === true)
}
