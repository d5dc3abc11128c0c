// The script of the board page: it answers the app's frames, as Miro's board does.
import { createFrames } from './frames.js'
import { answerRequest, readRequest } from './messages.js'
import { createMethods } from './methods.js'
import { createNotes } from './notes.js'
import { createRequests } from './requests.js'

const refreshMs = 2_000

const element = (id) => document.getElementById(id)
const setup = JSON.parse(element('main').dataset.setup)
const appOrigin = setup.app.origin
const requests = createRequests(setup, (url, init) => fetch(url, init))
const notes = createNotes({ list: element('notes'), empty: element('empty') })
const frames = createFrames(setup.app, {
  panel: element('panel'), modal: element('modal'), icon: element('icon'), status: element('status')
})
const methods = createMethods(setup, { requests, notes, frames })

window.addEventListener('message', async (event) => {
  const request = readRequest(event, { windows: frames.windows(), appOrigin })
  if (request === null) return
  const answer = await answerRequest(request, methods)
  request.source.postMessage(answer, appOrigin)
})

/** Shows what others have changed on the board. */
async function refresh () {
  if (document.hidden) return
  const board = await requests.readBoard().catch(() => null)
  if (board !== null) notes.show(board.notes)
}

setInterval(refresh, refreshMs)
await refresh()
