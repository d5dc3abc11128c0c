/** One question to a child process. */
interface Question {
  id: number
  name: string
  input: unknown
}

/** What a child does when it is asked, by the name of the question. */
export type Handlers = Readonly<Record<string, (input: unknown) => unknown>>

/** Answers the questions of the parent process, and ends with it. `ready` is the first message, once it can answer. */
export function serve (handlers: Handlers, ready: unknown, close: () => unknown = () => {}): void {
  process.on('disconnect', async () => {
    await close()
    process.exit()
  })
  process.on('message', async (message) => {
    const { id, name, input } = message as Question
    process.send?.({ id, ...await answer(handlers, name, input) })
  })
  process.send?.({ id: 0, value: ready })
}

type Answer = { value: unknown } | { error: string }

async function answer (handlers: Handlers, name: string, input: unknown): Promise<Answer> {
  try {
    const handler = handlers[name]
    if (handler === undefined) throw new Error(`There is no question ${name}.`)
    return { value: await handler(input) }
  } catch (error) {
    return { error: error instanceof Error ? `${error.message} ${String(error.cause ?? '')}`.trim() : String(error) }
  }
}

/** What the parent passed to {@link startChild}. */
export function childInput (): unknown {
  return JSON.parse(process.argv[2] ?? 'null')
}
