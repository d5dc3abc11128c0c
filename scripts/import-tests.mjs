// Runs the test files of TEST_FILES, compiled to TEST_FOLDER, one after the other in this process: a process of its own
// for each would load tap, Fastify and the package once more for each of them.
import { resolve } from 'node:path'
import { env } from 'node:process'
import { pathToFileURL } from 'node:url'

for (const file of env.TEST_FILES.split(',')) await import(pathToFileURL(resolve(`${env.TEST_FOLDER}/test/${file}.js`)).href)
