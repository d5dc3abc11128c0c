import type { Command, Message, Task, WorkerOptions } from '../fleet/messages.js'
import { personAt, type Person } from '../people/person.js'
import { Random } from '../random.js'
import { openStore, type OpenStore } from '../stores/open-store.js'
import { createSubject } from '../subjects/create-subject.js'
import type { Subject } from '../subjects/subject.js'
import { machineNow, sleep } from '../time.js'
import { Callers } from './callers.js'
import { skewDate } from './skewed-date.js'
import { oncePerToken } from './stored-pairs.js'
import { senderNumbers, taggedFetch, tagLibraries } from './tagged-http.js'

const openAgainMs = 100

const options = JSON.parse(process.argv[2] ?? '{}') as WorkerOptions
const number = senderNumbers(options.id)
const fetch = taggedFetch(number)
const over = new AbortController()
let aheadMs = options.aheadMs
const ahead = (): number => aheadMs

function send (message: Message): void {
  if (process.connected) process.send?.(message, () => {})
}

/** A process that starts while the store is away waits for it. */
async function openWhenThere (): Promise<OpenStore> {
  for (;;) {
    try {
      return await openStore(options.store.kind, options.store.url)
    } catch {
      await sleep(openAgainMs)
    }
  }
}

async function visit (authorizeUrl: string, { userId, teamId }: Person): Promise<string> {
  const body = new URLSearchParams({ decision: 'authorize', membership: `${userId}/${teamId}` })
  const answer = await fetch(authorizeUrl, { method: 'POST', redirect: 'manual', body })
  const location = answer.headers.get('location')
  if (location === null) throw new Error(`authorize: ${answer.status}`)
  return location
}

async function perform (subject: Subject, task: Task): Promise<void> {
  const person = personAt(task.person)
  let error: string | null = null
  try {
    await (task.type === 'sign-in' ? subject.signIn(person) : subject.disconnect(person))
  } catch (thrown) {
    error = subject.codeOf(thrown)
  }
  send({ type: 'done', task, error })
}

/** What SIGTERM asks for: begin nothing, wait for what is under way, and leave the rest to the process's natural end. */
async function goHome (subject: Subject, open: OpenStore, callers: Callers): Promise<void> {
  over.abort()
  await subject.close()
  await open.close()
  callers.report()
  process.disconnect()
}

if (!['ours', 'without-lease'].includes(options.subject)) {
  skewDate(ahead)
  tagLibraries(number, options.miro.apiUrl)
  // One of them does not wait for its storage: what that throws would end the process, and be held against it.
  process.on('unhandledRejection', () => {})
}
const open = await openWhenThere()
const onStored = oncePerToken((refreshToken) => { send({ type: 'stored', refreshToken, at: machineNow() }) })
const subject = await createSubject({ options, ahead, open, fetch, visit, onStored })
const callers = new Callers({ subject, random: new Random(options.seed), people: options.people, callsPerSecond: options.callsPerSecond, send })
function handle (message: Task | Command): Promise<void> {
  if ('person' in message) return perform(subject, message)
  if (message.type === 'begin-calls') return callers.begin(over.signal)
  if (message.type === 'end-calls') over.abort()
  else aheadMs += message.ms
  return Promise.resolve()
}

process.on('message', (message: Task | Command) => { handle(message).catch((error: unknown) => { throw error }) })
process.once('SIGTERM', () => { goHome(subject, open, callers).catch((error: unknown) => { throw error }) })
send({ type: 'ready' })
