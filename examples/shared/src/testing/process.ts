import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { Test } from 'tap'

/** An example's server as a process of its own. */
export interface RunningProcess {
  child: ChildProcessByStdio<null, Readable, Readable>
  /** What it has written so far. */
  output: { stdout: string, stderr: string }
  /** Resolves with the exit code. */
  ended: Promise<number | null>
  /** Resolves when standard output matches. */
  untilPrinted: (text: RegExp) => Promise<void>
}

/** Text files, and empty folders, by name. */
export type Files = Record<string, string | Record<string, never>>

/** Starts the built server of the current package with the variables `env` only, in a folder with `files` only. */
export function startProcess (t: Test, env: Record<string, string>, files: Files = {}): RunningProcess {
  const main = resolve('dist/main.js')
  const child = spawn(process.execPath, [main], { cwd: t.testdir(files), env, stdio: ['ignore', 'pipe', 'pipe'] })
  t.teardown(() => { child.kill('SIGKILL') })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => { output.stdout += text })
  child.stderr.setEncoding('utf8').on('data', (text: string) => { output.stderr += text })
  const ended = once(child, 'close').then(([code]: Array<number | null>) => code ?? null)
  return {
    child,
    output,
    ended,
    async untilPrinted (text) {
      while (!text.test(output.stdout)) {
        const more = once(child.stdout, 'data', { signal: AbortSignal.timeout(240_000) }).then(() => false)
        const hasEnded = await Promise.race([more, ended.then(() => true)])
        if (hasEnded) throw new Error(`The server ended with: ${output.stderr}`)
      }
    }
  }
}

/**
 * Sends a signal twice, as where npm passes the terminal's Ctrl-C on. The second comes while the server closes: a
 * request whose body is missing holds it open until then.
 */
export async function signalTwice (child: RunningProcess['child'], signal: NodeJS.Signals, port: number): Promise<void> {
  const request = connect(port, 'localhost').on('error', () => {})
  request.write('POST /auth/miro/disconnect HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n')
  await once(request, 'data')
  child.kill(signal)
  while (await isOpen(port)) await delay(20)
  child.kill(signal)
  request.end('x')
}

/** Whether the server still takes requests. */
async function isOpen (port: number): Promise<boolean> {
  return fetch(`http://localhost:${port}/`, { redirect: 'manual' }).then(({ status }) => status !== 503, () => false)
}

/** The lines, and the only ones, that a server with the stand-in prints once it listens. */
export function standInLines (port: number, { miro = 'http://localhost', open = `http://localhost:${port}` } = {}): RegExp {
  return new RegExp('^No MIRO_CLIENT_ID: using a local stand-in for Miro ' +
    `\\(clock and settings at ${miro}:\\d+\\)\\. Open ${open}\n` +
    'To create a Miro app for it, filled in: https://miro\\.com/app/settings/user-profile/apps/\\?appTemplate=\\S+\n$')
}
