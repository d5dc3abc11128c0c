import t from 'tap'
import { prove } from './fixtures/model-check/suite.js'

t.setTimeout(0)

t.test('the rules of the refresh hold under every schedule, where reuse is punished', (t) => prove(t, 'revoke-family'))
