import { readPair } from '../session/pair.js'
import type { Reply } from '../wire/reply.js'
import { refusalOf, refusalText } from '../wire/shape.js'
import { decideGrace, type Probe, probeUntilRefused } from './probes.js'
import type { Finding, Question } from './question.js'

export const accessGrace: Question = {
  id: 'access-grace',
  question: 'For how long does an access token still work after its pair was refreshed?',
  ask: async (session) => {
    const old = await session.refreshablePair()
    await session.rotate(old)
    return describeGrace(await probeUntilRefused(session, () => session.miro.tokenContext(old.accessToken)))
  }
}

export const refreshGrace: Question = {
  id: 'refresh-grace',
  question: 'Is a spent refresh token accepted for some seconds, and how is it refused then?',
  agreeTo: 'A spent refresh token is sent again, which may end the grant.',
  ask: async (session) => {
    const old = await session.refreshablePair()
    const next = await session.rotate(old)
    const probes = await probeUntilRefused(session, () => session.miro.refresh(old.refreshToken))
    const first = probes[0] === undefined ? null : readPair(probes[0].reply, old)
    for (const { reply } of probes) session.keep(readPair(reply, old))
    const { answer, facts } = describeGrace(probes)
    const repeatsItsAnswer = first === null ? null : first.accessToken === next.accessToken
    return { answer, facts: { ...facts, repeatsItsAnswer } }
  }
}

function describeGrace (probes: readonly Probe[]): Finding {
  const grace = decideGrace(probes)
  const last: Reply | undefined = probes.at(-1)?.reply
  if (last === undefined || grace.startsWith('more')) return { answer: grace, facts: { refusal: null } }
  return { answer: `${grace}, then ${refusalText(last)}`, facts: { refusal: { ...refusalOf(last) } } }
}
