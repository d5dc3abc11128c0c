import { decline } from './decline.js'
import { expiredToken } from './expired-token.js'
import { accessGrace, refreshGrace } from './grace.js'
import { idToken } from './id-token.js'
import { missingScope } from './missing-scope.js'
import { opener } from './opener.js'
import { pkce } from './pkce.js'
import type { Question } from './question.js'
import { rateLimit } from './rate-limit.js'
import { reuse } from './reuse.js'
import { revoke } from './revoke.js'
import { secondConnect } from './second-connect.js'
import { spentCode } from './spent-code.js'
import { stateLength } from './state-length.js'
import { refreshAnswer, tokenAnswer } from './token-answer.js'
import { tokenContext } from './token-context.js'
import { wrongSecret } from './wrong-secret.js'

/** In order: the first connects, and shows whether PKCE is required; the last waits an hour. */
export const questions: readonly Question[] = [
  tokenAnswer, tokenContext, rateLimit, missingScope, opener, refreshAnswer, wrongSecret, accessGrace, refreshGrace,
  reuse, decline, spentCode, pkce, stateLength, secondConnect, idToken, revoke, expiredToken
]
