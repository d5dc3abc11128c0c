import t from 'tap'
import { checkMutations } from '../fixtures/model-check/suite.js'

t.setTimeout(0)

t.test('model check: every mutation of the core breaks a rule', checkMutations)
