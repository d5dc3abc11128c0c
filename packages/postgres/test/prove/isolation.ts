import t from 'tap'
import { migrate } from '../../src/index.js'
import { keepsContract, keepsOneOrder } from '../fixtures/contract.js'
import { poolOf, rotatingPool, startServer } from '../fixtures/database.js'

const server = await startServer(t)
await migrate(poolOf(t, server))

t.test('store: the store contract is kept under other levels of isolation', async (t) => {
  await t.test('under repeatable read, each statement on another backend:', (t) => {
    return keepsContract(t, rotatingPool(t, server, 'repeatable read'))
  })
  await t.test('under serializable:', (t) => {
    return keepsContract(t, poolOf(t, server, { max: 20, isolation: 'serializable' }))
  })
})

t.test('linearizability: under other levels of isolation the calls of eight writers have one order', async (t) => {
  for (const isolation of ['repeatable read', 'serializable'] as const) await keepsOneOrder(t, server, isolation)
})
