import { burstSection } from './burst/burst-section.js'
import { dueSection } from './due/due-section.js'
import { idleSection } from './due/idle-section.js'
import type { Section } from './report/section.js'
import { requestSection } from './requests/request-section.js'
import { signInSection } from './sign-in/sign-in-section.js'
import { startSection } from './start/start-section.js'
import { tokenSection } from './tokens/token-section.js'

/** All sections, by their names on the command line and of their reports. */
export const sections: Readonly<Record<string, Section>> = {
  memory: requestSection('memory', 'A signed-in request, records in memory', 5),
  redis: requestSection('redis', 'A signed-in request, records in Redis', 4),
  postgres: requestSection('postgres', 'A signed-in request, records in PostgreSQL', 4),
  'sign-in': signInSection,
  start: startSection,
  tokens: tokenSection,
  burst: burstSection,
  idle: idleSection,
  due: dueSection
}
