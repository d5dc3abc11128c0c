import { createInterface } from 'node:readline/promises'
import type { Person } from './session/person.js'

/** The process's own terminal. */
export interface Terminal extends Person {
  close: () => void
}

/** @param onEnd the person has pressed Ctrl-C or Ctrl-D */
export function openTerminal (onEnd: () => void): Terminal {
  const lines = createInterface({ input: process.stdin, output: process.stdout })
  lines.on('SIGINT', onEnd).on('close', onEnd)
  return {
    tell: (text) => { console.log(text) },
    confirm: async (text) => /^y(es)?$/i.test((await lines.question(`${text} [y/N] `)).trim()),
    paste: async (text) => (await lines.question(`${text}\n> `)).trim(),
    visit: async (link, text, signal) => {
      console.log(`${text}\n\n    ${link}\n`)
      try {
        await lines.question('Open this link. If Miro shows an error, or nothing comes back, press Enter here. ', { signal })
      } catch (error) {
        if (!signal.aborted) throw error
        console.log()
      }
    },
    close: () => {
      lines.off('close', onEnd)
      lines.close()
    }
  }
}
