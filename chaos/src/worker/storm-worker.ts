import type { Command, Message, Task, WorkerOptions } from '../fleet/messages.js'
import { authorizeAs } from '../miro/code-flow.js'
import { personAt } from '../people/person.js'
import { Random } from '../random.js'
import { openStore, type OpenStore } from '../stores/open-store.js'
import { createSubject } from '../subjects/create-subject.js'
import { usesCore } from '../subjects/subject-name.js'
import { machineNow, sleep } from '../time.js'
import { Callers } from './callers.js'
import { skewDate } from './skewed-date.js'
import { oncePerToken } from './stored-pairs.js'
import { senderNumbers, taggedFetch, tagLibraries } from './tagged-http.js'

const openAgainMs = 100

const options = JSON.parse(process.argv[2] ?? '{}') as WorkerOptions
const nextNumber = senderNumbers(options.id)
const fetch = taggedFetch(nextNumber)
const callsOver = new AbortController()
let clockAheadMs = options.aheadMs
const aheadMs = (): number => clockAheadMs

if (!usesCore(options.subject)) {
  skewDate(aheadMs)
  tagLibraries(nextNumber, options.miro.apiUrl)
  // miro-api does not await its storage: an error of the store would end the process, and count as a crash.
  process.on('unhandledRejection', () => {})
}

const open = await openWhenUp()
const subject = await createSubject({
  options,
  aheadMs,
  open,
  fetch,
  authorize: (authorizeUrl, person) => authorizeAs(authorizeUrl, person, fetch),
  onStored: oncePerToken((refreshToken) => { send({ type: 'stored', refreshToken, at: machineNow() }) })
})
const { people, callsPerSecond } = options
const callers = new Callers({ subject, random: new Random(options.seed), people, callsPerSecond, send })

process.on('message', (message: Task | Command) => { handle(message).catch((error: unknown) => { throw error }) })
process.once('SIGTERM', () => { shutDown().catch((error: unknown) => { throw error }) })
send({ type: 'ready' })

function send (message: Message): void {
  if (process.connected) process.send?.(message, () => {})
}

/** Opens the store, again and again while it is down. */
async function openWhenUp (): Promise<OpenStore> {
  for (;;) {
    try {
      return await openStore(options.store.kind, options.store.url)
    } catch {
      await sleep(openAgainMs)
    }
  }
}

async function handle (message: Task | Command): Promise<void> {
  switch (message.type) {
    case 'begin-calls': return callers.begin(callsOver.signal)
    case 'end-calls': return callsOver.abort()
    case 'advance-clock':
      clockAheadMs += message.ms
      return
    default: return perform(message)
  }
}

async function perform (task: Task): Promise<void> {
  const person = personAt(task.person)
  let error: string | null = null
  try {
    await (task.type === 'sign-in' ? subject.signIn(person) : subject.disconnect(person))
  } catch (thrown) {
    error = subject.codeOf(thrown)
  }
  send({ type: 'done', task, error })
}

/** Begins nothing more and waits for what is under way. Without handles left, the process then ends by itself. */
async function shutDown (): Promise<void> {
  callsOver.abort()
  await subject.close()
  await open.close()
  callers.report()
  process.disconnect()
}
