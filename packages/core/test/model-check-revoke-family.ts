import t from 'tap'
import { checkRules } from './fixtures/model-check/suite.js'

t.setTimeout(0)

t.test('model check: the rules of refresh hold under every schedule, with reuse detection that revokes the family', (t) => checkRules(t, 'revoke-family'))
