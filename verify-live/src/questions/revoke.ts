import { haveOneOwner, type Pair, readPair } from '../session/pair.js'
import type { Session } from '../session/session.js'
import { Unanswered } from '../unanswered.js'
import type { Reply } from '../wire/reply.js'
import { isAccepted, refusalText } from '../wire/shape.js'
import type { Question } from './question.js'

export const revoke: Question = {
  id: 'revoke',
  question: 'Does v2 revoke need an Authorization header, what does it end, and how is a revoked token refused?',
  agreeTo: 'You connect a second time, and that pair is revoked, which may end all your grants of this app.',
  ask: async (session) => {
    const other = await session.pair()
    const { pair } = await session.connect('Connect once more: as the same person, in the same team.')
    if (!haveOneOwner(other, pair)) throw new Unanswered('the second connect was of another person or team')
    const wasLive = isAccepted(await session.miro.tokenContext(other.accessToken))
    const replies = await revokeBothWays(session, pair)
    const remains = await probe(session, pair)
    const isLive = isAccepted(await session.miro.tokenContext(other.accessToken))
    session.keep(other)
    const answer = decideRevoke({ isRevoked: !isAccepted(remains.tokenContext), wasLive, isLive })
    return { answer, facts: { ...replies, ...toTexts(remains) } }
  }
}

async function revokeBothWays ({ miro }: Session, { accessToken }: Pair): Promise<Record<string, string | null>> {
  const bare = await miro.revoke(accessToken)
  const authorized = isAccepted(bare) ? null : await miro.revoke(accessToken, { withHeader: true })
  return { withoutHeader: refusalText(bare), withHeader: authorized === null ? null : refusalText(authorized) }
}

interface Remains {
  api: Reply
  tokenContext: Reply
  refresh: Reply | null
}

async function probe (session: Session, pair: Pair): Promise<Remains> {
  const { miro } = session
  const api = await miro.boards(pair.accessToken)
  const tokenContext = await miro.tokenContext(pair.accessToken)
  const refresh = pair.refreshToken === null ? null : await miro.refresh(pair.refreshToken)
  if (refresh !== null) session.keep(readPair(refresh, pair))
  return { api, tokenContext, refresh }
}

function toTexts ({ api, tokenContext, refresh }: Remains): Record<string, string | null> {
  return {
    restApi: refusalText(api),
    tokenContext: refusalText(tokenContext),
    refreshToken: refresh === null ? null : refusalText(refresh)
  }
}

/** Whether the token was revoked, and whether the other pair of its person was live before and after. */
interface Pairs {
  isRevoked: boolean
  wasLive: boolean
  isLive: boolean
}

export function decideRevoke ({ isRevoked, wasLive, isLive }: Pairs): string {
  if (!isRevoked) return 'nothing is revoked'
  if (!wasLive) return 'the pair is revoked; a person has no second one'
  return isLive ? 'one pair is revoked' : 'every pair of the person is revoked'
}
