import { closeSync, openSync, writeFileSync } from 'node:fs'
import { ConfigError } from './config.js'

/**
 * Opens the file for the answers. What an earlier run left in it stays until the first answer.
 *
 * @returns what writes the whole text anew
 * @throws {ConfigError} it cannot be written, which must not turn out after a person's grant was ended for an answer
 */
export function openReportFile (file: string): (text: string) => void {
  try {
    closeSync(openSync(file, 'a'))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    throw new ConfigError(`${file} cannot be written in this folder (${code}).`)
  }
  return (text) => { writeFileSync(file, text) }
}
