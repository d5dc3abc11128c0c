import t from 'tap'
import { checkRules } from './fixtures/model-check/suite.js'

t.setTimeout(0)

t.test('model check: the rules of refresh hold where Miro\'s reuse detection revokes the family', (t) => {
  return checkRules(t, 'revoke-family')
})
