import { SdkError } from './sdk-error.js'

/**
 * What the page asks the emulator for.
 *
 * @param {{ boardId: string, teamId: string, person: { id: string } }} setup
 * @param {typeof fetch} fetch
 */
export function createRequests ({ boardId, teamId, person }, fetch) {
  const board = `/emulator/boards/${encodeURIComponent(boardId)}`
  return {
    readBoard: () => read(fetch(board)),
    async fetchIdToken () {
      const body = new URLSearchParams({ user_id: person.id, team_id: teamId })
      return (await read(fetch('/emulator/id-token', { method: 'POST', body }))).idToken
    },
    createStickyNote (note) {
      const body = JSON.stringify({ ...note, userId: person.id })
      const headers = { 'content-type': 'application/json' }
      return read(fetch(`${board}/sticky-notes`, { method: 'POST', headers, body }))
    }
  }
}

/** The JSON of an answer. A refusal's message becomes the sentence that the app gets. */
async function read (answering) {
  const answer = await answering.catch(() => { throw new SdkError('The emulator cannot be reached.') })
  const json = await answer.json().catch(() => ({}))
  if (!answer.ok) throw new SdkError(typeof json.message === 'string' ? `${json.message}.` : 'The emulator refused this.')
  return json
}
