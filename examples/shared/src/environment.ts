import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { systemErrorCode } from './system-error.js'
import { VariableError } from './variable-error.js'

/** Variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * The value of a variable. An empty variable counts as not set, so that `.env.example` can be copied as it is.
 *
 * @throws {VariableError} a value that was not meant: the line break of a mounted file, or quotation marks, which are
 * taken away in `.env` and are kept by `docker run --env-file`
 */
export function valueOf (environment: Environment, name: string): string | undefined {
  const value = environment[name] || undefined
  if (value !== undefined && value.trim() !== value) {
    throw new VariableError(`${name} begins or ends with white space, such as a line break.`)
  }
  if (/^(["'])[^]*\1$/.test(value ?? '')) throw new VariableError(`${name} stands in quotation marks: take them away.`)
  return value
}

/**
 * Reads `.env` in the current folder. A variable of the real environment wins over it.
 *
 * @throws {VariableError} the file cannot be read or understood
 */
export function readEnvironment (file = '.env'): Environment {
  return { ...parseEnv(checkLines(readIfPresent(file))), ...process.env }
}

function readIfPresent (file: string): string {
  try {
    // Windows' Notepad begins a file with a mark, which would become a part of the first name.
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '')
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return ''
    throw new VariableError(`.env cannot be read (${systemErrorCode(error)}).`)
  }
}

/** `parseEnv` joins a malformed line to the next one without an error, and the next variable would be missing. */
function checkLines (text: string): string {
  const malformed = text.split(/\r?\n/).findIndex((line) => !/^\s*(#.*|(export\s+)?\w+\s*=.*)?$/.test(line))
  if (malformed !== -1) throw new VariableError(`.env: line ${malformed + 1} is not NAME=value.`)
  // It takes all from # on for a comment: a secret would be cut short.
  const cut = text.split(/\r?\n/).findIndex((line) => /^\s*(export\s+)?\w+\s*=(?!\s*["'`])([^#]*\S)?#/.test(line))
  if (cut !== -1) throw new VariableError(`.env: line ${cut + 1} has a # in its value: put the value in quotation marks.`)
  return text
}
