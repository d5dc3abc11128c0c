import type { Clock } from '../clock.js'
import type { EventSink } from '../events.js'
import type { GrantTable } from '../grant/grant-table.js'
import type { Links } from '../grant/links.js'
import type { Revocations } from '../revoke/revocations.js'
import type { Shutdown } from '../shutdown.js'
import type { OAuthEndpoints } from '../wire/oauth-endpoints.js'
import type { ApplyResult } from './apply-result.js'
import type { ClientHealth } from './client-health.js'
import type { SharedWalks } from './shared-walk.js'
import type { RefreshLimits } from './timing.js'
import type { UnsavedPairs } from './unsaved-pairs.js'

/** What everything that stores, refreshes or ends grants works with: one for each `createMiroAuth`. */
export interface RefreshContext {
  clientId: string
  /** Names the client secret in records, without holding it. */
  secretId: string
  table: GrantTable
  links: Links
  endpoint: OAuthEndpoints
  unsaved: UnsavedPairs
  revocations: Revocations
  walks: SharedWalks
  health: ClientHealth
  events: EventSink
  clock: Clock
  limits: RefreshLimits
  shutdown: Shutdown
  /** The rule about results. Tests hand in wrong ones, to show that they are noticed. */
  applyResult: ApplyResult
}
