import type { GrantRecord } from './grant-record.js'

/**
 * The app users that are linked to a grant. Its record decides, and the links are their index; so all of them change in
 * one write. None are known of a record that was written before it held any.
 */
export function appUsersOf (record: GrantRecord | null): readonly string[] {
  return record?.appUserIds ?? []
}

/** The field of a record for these app users; none is no field. */
export function appUsersField (appUserIds: readonly string[]): Pick<GrantRecord, 'appUserIds'> {
  return appUserIds.length === 0 ? {} : { appUserIds }
}

/** The same record for other app users. */
export function withAppUsers<R extends GrantRecord> (record: R, appUserIds: readonly string[]): R {
  const { appUserIds: _before, ...rest } = record
  return { ...rest, ...appUsersField(appUserIds) } as R
}

/** The consent id under which an app user is linked to a grant; `null`: not, or no longer. */
export function consentIdOf (record: GrantRecord | null, appUserId: string): string | null {
  if (record === null || record.status === 'disconnected') return null
  return appUsersOf(record).includes(appUserId) ? record.consentId : null
}
