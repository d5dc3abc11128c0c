import t from 'tap'
import { run } from './fixtures/run.js'

t.test('verify: x', async (t) => {
  const { answers, text, told } = await run()
  console.log(text, told.join('\n'))
  t.same(answers, {})
})
