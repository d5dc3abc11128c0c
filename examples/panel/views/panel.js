// The script of the panel: who is there, the items of the board, a new sticky note. It runs in Miro's iframe, where no
// cookie of the app arrives: `fetch` below sends a fresh id token with each request instead.
import { createPanelFetch } from '/auth/miro/panel.js'
import { toHtml } from './item-text.js'
import { sentenceFor } from './sentences.js'
import { onPress, say, showConnected, showDisconnected, showPerson, tell } from './view.js'

const { board } = window.miro
const { fetch, connect } = createPanelFetch({ getIdToken: () => board.getIdToken() })
let attempts = 0
let [loads, shown] = [0, 0]
const underWay = new Set()

async function greet () {
  const [{ name }, answer] = await Promise.all([board.getUserInfo(), fetch('/panel/me')])
  showPerson({ name, ...await read(answer) })
}

async function load () {
  const turn = ++loads
  const { id } = await board.getInfo()
  const answer = await fetch(`/panel/items?board=${encodeURIComponent(id)}`)
  // A later request was answered before this one, and says what is true now.
  if (turn < shown) return
  shown = turn
  // The person must connect: at first, after a disconnect elsewhere, or since Miro ended the grant.
  const connectUrl = answer.headers.get('miro-connect-url')
  if (connectUrl === null) showConnected(await read(answer))
  else showDisconnected(connectUrl)
}

/** The browser opens a window in a click alone, so nothing is awaited before `connect`. */
async function connectHere () {
  const attempt = ++attempts
  say('Go on in the window that has opened.')
  try {
    await connect()
  } catch (error) {
    // After a second click the first attempt says nothing any more.
    if (attempt === attempts) throw error
    return
  }
  await load()
  say('Miro is connected.')
}

async function addNote ({ elements: { note } }) {
  const text = note.value
  const added = await board.createStickyNote({ content: toHtml(text) })
  // What was typed in the meantime stays.
  if (note.value === text) note.value = ''
  await board.viewport.zoomTo(added)
  await load()
  say('The note was added.')
}

async function disconnect () {
  const answer = await fetch('/panel/disconnect', { method: 'POST' })
  if (!answer.ok) await read(answer)
  await load()
  say('Miro is disconnected.')
}

/** @throws an error with the code and the message of a refusal */
async function read (answer) {
  const json = await answer.json()
  if (answer.ok) return json
  throw Object.assign(new Error(json.message), { code: json.code })
}

async function run (action, form) {
  tell(null)
  say('')
  await action(form).catch((error) => {
    say('')
    tell(sentenceFor(error), error.code)
  })
}

/** The second click of a double click would do it twice. */
async function once (action, form) {
  if (underWay.has(action)) return
  underWay.add(action)
  await run(action, form)
  underWay.delete(action)
}

onPress({
  // A second click opens the window again, which the person may have lost.
  connect: () => run(connectHere),
  addNote: (form) => once(addNote, form),
  disconnect: () => once(disconnect)
})
// Back from another tab, where the person may have connected or disconnected.
document.addEventListener('visibilitychange', () => { if (!document.hidden) load().catch(() => {}) })

await run(greet)
await run(load)
