// What the panel shows. Text of Miro and of people enters the page by `textContent` alone.
import { toText } from './item-text.js'

const element = (id) => document.getElementById(id)

export function onPress ({ connect, addNote, disconnect }) {
  element('connect').addEventListener('click', connect)
  element('disconnect').addEventListener('click', disconnect)
  element('new-note').addEventListener('submit', (event) => {
    event.preventDefault()
    addNote(event.target)
  })
}

/** The name comes from the SDK, the ids from the server, which has verified the id token. */
export function showPerson ({ name, userId, teamId }) {
  element('name').textContent = `Hello, ${name}`
  element('person').textContent = `Miro user ${userId} in the team ${teamId}`
}

/** @param connectUrl where the person can connect if the browser opens no window */
export function showDisconnected (connectUrl) {
  element('connect-link').href = connectUrl
  show('disconnected')
}

export function showConnected ({ userName, teamName, items, hasMore }) {
  element('items').replaceChildren(...items.map(toEntry))
  element('count').textContent = hasMore ? `The first ${items.length} items` : `${items.length} ${items.length === 1 ? 'item' : 'items'}`
  element('grant-user').textContent = userName ?? 'you'
  element('grant-team').textContent = teamName ?? 'of this board'
  tell(null)
  show('connected')
}

/** @param sentence `null`: there is no problem */
export function tell (sentence, code) {
  element('problem').textContent = sentence ?? ''
  element('problem').hidden = sentence === null
  element('way-out').hidden = code !== 'blocked'
}

/** Says what happens or has happened. Screen readers read it from this element, since it is always in the page. */
export function say (sentence) {
  element('status').textContent = sentence
}

/** Shows one of the two parts. The focus of a button that is hidden with the other one would be lost: it moves along. */
function show (id) {
  const shown = element(id)
  const other = element(id === 'connected' ? 'disconnected' : 'connected')
  const hadFocus = other.contains(document.activeElement)
  other.hidden = true
  shown.hidden = false
  if (hadFocus) shown.querySelector('[data-first]').focus()
}

function toEntry ({ type, content }) {
  const [entry, kind] = [document.createElement('li'), document.createElement('span')]
  kind.className = 'hint'
  kind.textContent = type.replaceAll('_', ' ')
  entry.append(toText(content) || '(no text)', ' ', kind)
  return entry
}
