import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { VariableError } from './config.js'

/**
 * The real environment, and below it what `.env` in the current folder adds.
 *
 * @throws {VariableError} the file cannot be read or understood
 */
export function readEnvironment (file = '.env'): Record<string, string | undefined> {
  return { ...parseEnv(checkLines(readIfThere(file))), ...process.env }
}

function readIfThere (file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return ''
    throw new VariableError(`.env cannot be read (${codeOf(error)}).`)
  }
}

/** Node's parser glues a broken line to the next one without a word, and that variable would seem to be missing. */
function checkLines (text: string): string {
  const broken = text.split(/\r?\n/).findIndex((line) => !/^\s*(#.*|(export\s+)?\w+\s*=.*)?$/.test(line))
  if (broken !== -1) throw new VariableError(`.env: line ${broken + 1} is not NAME=value.`)
  return text
}

/** The code of a system error, such as ENOENT. */
export function codeOf (error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
