import t from 'tap'
import { proveMutants } from './fixtures/model-check/suite.js'

t.setTimeout(0)

t.test('a rule of the refresh that is broken is noticed', proveMutants)
