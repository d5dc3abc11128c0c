import t from 'tap'
import { startAndEnd } from './fixtures/start-and-end.js'

t.test('main: without variables it starts with the stand-in, and SIGINT ends it with 0', (t) => startAndEnd(t, 'SIGINT'))
