/** Shared by the packages of this repository. Not covered by semantic versioning: import it nowhere else. */
export { startStopwatch } from './clock.js'
export { misconfigured } from './errors.js'
export { requireClock, requireFunctions, requireKnown, requireOrigin, requireText, requireUrl } from './option-checks.js'
export { storeKey } from './store/keys.js'
export { ParsedBodies } from './store/parsed-bodies.js'
export { classify, type Verdict } from './wire/classify.js'
export type { RawAnswer } from './wire/raw-answer.js'
export { neverSent } from './wire/never-sent.js'
