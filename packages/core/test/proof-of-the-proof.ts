import t from 'tap'
import { proveMutants } from './fixtures/proof/suite.js'

t.setTimeout(0)

t.test('a rule of the refresh that is broken is noticed', proveMutants)
