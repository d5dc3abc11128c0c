import type { Clock } from '@miro-oauth/core'
import type { SessionIndex } from './session-index.js'
import { createSessionId, recordIdOf, type SessionGrant } from './session-record.js'
import type { SessionTable } from './session-table.js'

/** What {@link moveSession} works with. */
interface MoveSessionParts {
  table: SessionTable
  index: SessionIndex
  clock: Pick<Clock, 'now'>
}

/**
 * Gives a session another grant of the same person, and a new id.
 *
 * The new record gets a place beside the old one before the old record is deleted. The delete decides: where another
 * call deleted the old record first, the session was ended elsewhere, and does not go on under the new id.
 *
 * @returns the new id; `null`: the session has ended
 * @throws {StoreError | RecordError}
 */
export async function moveSession (
  { table, index, clock }: MoveSessionParts, id: string, { userId, teamId, consentId }: SessionGrant
): Promise<string | null> {
  const oldRecordId = recordIdOf(id)
  const stored = await table.read(oldRecordId)
  if (stored === null || stored.isOver || stored.session.userId !== userId) return null
  const { id: newId, recordId } = createSessionId()
  const session = { ...stored.session, teamId, consentId, touchedAt: clock.now() }
  const { publicId, endsAt } = session
  const isMoved = await table.insertFor(recordId, session, async () => {
    await index.addBeside(userId, oldRecordId, { publicId, recordId, teamId, endsAt })
    return table.delete(oldRecordId)
  }) !== null
  if (!isMoved) await table.delete(recordId)
  await index.remove(userId, isMoved ? oldRecordId : recordId)
  return isMoved ? newId : null
}
