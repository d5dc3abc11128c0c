import { memoryStore } from '@miro-oauth/fastify'
import { scenarios } from '../scenarios/index.js'
import { isQuestion, type Ready } from './messages.js'

/** The server of the scenario that the first argument names. It ends when its parent disconnects or ends. */
const name = process.argv[2] ?? ''
const scenario = scenarios[name]
if (scenario === undefined) throw new Error(`There is no scenario ${name}.`)

const { app, cookie } = await scenario.build(memoryStore())
const address = await app.listen({ host: '127.0.0.1', port: 0 })

process.on('disconnect', () => app.close())
process.on('message', (question) => {
  if (isQuestion(question)) process.send?.(process.cpuUsage())
})
const ready: Ready = { port: Number(new URL(address).port), cookie }
process.send?.(ready)
