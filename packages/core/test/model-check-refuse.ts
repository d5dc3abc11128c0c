import t from 'tap'
import { checkRules } from './fixtures/model-check/suite.js'

t.setTimeout(0)

t.test('model check: the rules of refresh hold under every schedule, with a spent refresh token refused', (t) => checkRules(t, 'refuse'))
