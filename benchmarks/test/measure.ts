import { performance } from 'node:perf_hooks'
import t from 'tap'
import { busyShare } from '../src/machine.js'
import { differenceOf, ratioOf, runRounds, valuesOf, type Plan, type Subject } from '../src/measure/rounds.js'
import { runRoundsWithStarts, type Started } from '../src/measure/starts.js'
import { largestOf, percentileOf, shuffled, spreadOf } from '../src/measure/statistics.js'

const plan: Plan = { rounds: 5, warmUps: 2, seed: 1, untilMs: Infinity, onRound: () => {} }

t.test('statistics: the interval of a median is that of the order statistics of the sign test', (t) => {
  const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => count - index)
  t.strictSame(spreadOf([1]), { lower: 1, median: 1, upper: 1, count: 1 })
  t.strictSame(spreadOf([4, 1, 2, 3]), { lower: 1, median: 2.5, upper: 4, count: 4 })
  // The rank of the lower end for so many values, as in published tables of the sign test.
  for (const [count, lower] of [[6, 1], [9, 2], [10, 2], [12, 3], [20, 6], [30, 10], [60, 22]] as const) {
    t.match(spreadOf(upTo(count)), { lower, upper: count + 1 - lower }, String(count))
  }
  t.throws(() => spreadOf([]))
  t.end()
})

t.test('statistics: percentiles are values that were measured, and the order of a round depends on the seed alone', (t) => {
  t.equal(percentileOf(Array.from({ length: 1000 }, (_, index) => index + 1), 0.99), 990)
  t.equal(percentileOf([7], 0.99), 7)
  t.equal(largestOf([3, 9, 1]), 9)
  const items = [1, 2, 3, 4, 5, 6, 7, 8]
  t.strictSame(shuffled(items, 1), shuffled(items, 1))
  t.strictSame(shuffled(items, 1).toSorted(), items)
  t.notSame(shuffled(items, 1), shuffled(items, 2))
  t.end()
})

t.test('machine: it is busy by the part of their time that its processors worked', (t) => {
  t.equal(busyShare({ busy: 100, idle: 1000 }, { busy: 150, idle: 1150 }), 0.25)
  t.equal(busyShare({ busy: 1, idle: 1 }, { busy: 1, idle: 1 }), 0)
  t.end()
})

t.test('rounds: each subject is measured once in each round, in another order, and warm-ups do not count', async (t) => {
  const order: string[] = []
  const subjects: Subject[] = ['a', 'b', 'c'].map((name) => ({ name, measure: async () => ({ value: order.push(name) }) }))
  const rounds = await runRounds(subjects, plan)
  t.equal(rounds.length, 5)
  t.equal(order.length, 7 * 3)
  const orders = Array.from({ length: 7 }, (_, index) => order.slice(3 * index, 3 * index + 3))
  for (const round of orders) t.strictSame(round.toSorted(), ['a', 'b', 'c'])
  t.ok(new Set(orders.map(String)).size > 1)
  t.ok(largestOf(valuesOf(rounds, 'a', 'value')) > 6, 'of the counted rounds')
  t.throws(() => valuesOf(rounds, 'a', 'other'), { message: 'a was not measured: other.' })
})

t.test('rounds: ratios and differences are those of the same round', async (t) => {
  let round = 0
  const subjects: Subject[] = [
    { name: 'slow', measure: async () => ({ ms: 2 * 10 ** Math.floor(round++ / 2) }) },
    { name: 'fast', measure: async () => ({ ms: 10 ** Math.floor(round++ / 2) }) }
  ]
  const rounds = await runRounds(subjects, { ...plan, warmUps: 0 })
  t.match(ratioOf(rounds, 'slow', 'fast', 'ms'), { lower: 2, median: 2, upper: 2, count: 5 })
  t.match(differenceOf(rounds, 'slow', 'fast', 'ms'), { lower: 1, median: 100, upper: 10_000 })
})

t.test('rounds: no further one begins after the time is over, and one is always measured', async (t) => {
  const subjects: Subject[] = [{ name: 'a', measure: async () => ({ value: 1 }) }]
  t.equal((await runRounds(subjects, { ...plan, untilMs: performance.now() - 1 })).length, 1)
})

t.test('starts: a warm-up comes before each start\'s rounds, and takes none of their time', async (t) => {
  const order: string[] = []
  const start = async (): Promise<Started<Subject>> => ({
    subjects: [{ name: 'a', measure: async () => ({ value: order.push('round') }) }],
    warmUp: async () => {
      order.push('warm-up')
      await new Promise((resolve) => setTimeout(resolve, 300))
    },
    close: async () => {}
  })
  await runRoundsWithStarts(start, { ...plan, rounds: 4, warmUps: 0, starts: 2, untilMs: performance.now() + 200 })
  t.strictSame(order, ['warm-up', 'round', 'round', 'warm-up', 'round', 'round'])
})

t.test('starts: the subjects are started anew, and all are closed, also when one fails', async (t) => {
  let open = 0
  const seeds: number[] = []
  const start = async (index: number): Promise<{ subjects: Subject[], close: () => Promise<void> }> => {
    open++
    seeds.push(index)
    const measure = async (): Promise<Record<string, number>> => {
      if (index === 3) throw new Error('broken')
      return { value: index }
    }
    return { subjects: [{ name: 'a', measure }], close: async () => { open-- } }
  }
  const rounds = await runRoundsWithStarts(start, { ...plan, starts: 3 })
  t.strictSame(valuesOf(rounds, 'a', 'value').toSorted(), [0, 1, 1, 2, 2])
  t.equal(open, 0)
  await t.rejects(runRoundsWithStarts(start, { ...plan, rounds: 8, starts: 4 }), { message: 'broken' })
  t.equal(open, 0)
})
