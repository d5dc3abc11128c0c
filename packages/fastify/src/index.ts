import './module-augmentation.js'

export { fastifyMiro, fastifyMiro as default } from './plugin.js'
export type {
  Admit, AppUserId, ChooseGrant, FastifyMiroHooks, FastifyMiroOptions, FastifyMiroRoutes, RouteName, SessionLabel
} from './options.js'
export type { FastifyMiroEvent, PluginEvent, SessionEnd } from './plugin-event.js'
export type { AppMiro } from './app-miro.js'
export type { RequestMiro } from './request/request-miro.js'
export type { SessionInfo, SignedInBrowser } from './session/session-info.js'
export type { RequireGrant } from './request/require-grant.js'
export type { RequireSameOrigin } from './request/require-same-origin.js'
export {
  AccessDeniedError, AppFunctionError, BodyTooLongError, ClientMismatchError, CodeMissingError, CrossSiteError,
  GrantUnnamedError, InvalidBodyError, NoAppUserError, NotAdmittedError, ParameterRepeatedError, RateLimitedError,
  ScopeMissingError, SessionUnknownError, StateExpiredError, StateMissingError, StateUnknownError, StateUsedError,
  TeamMismatchError, UnsupportedBodyError, UserMismatchError, type FastifyMiroError
} from './errors.js'

export {
  ApiError, BadResponseError, ClosedError, CodeRejectedError, ConfigError, encryptedStore, ForeignOriginError,
  IdTokenClientMismatchError, IdTokenExpiredError, IdTokenInvalidError, IdTokenMissingError, memoryStore, MiroError,
  NotConnectedError, ReauthorizeError, RecordError, StoreError, UnavailableError, type ApiFetch, type ApiLimits,
  type Board, type BoardPage, type BoardQuery, type Boards, type Clock, type EncryptedStore,
  type EncryptedStoreOptions, type Fetch, type Grant, type GrantRef, type IdToken, type MiroAuth, type MiroClient,
  type MiroEvent, type NewBoard, type OnEvent, type PaginateOptions, type ReauthorizeReason, type RefreshDueOptions,
  type RefreshDueResult, type RefreshLimits, type Store, type TokenContext
} from '@miro-oauth/core'
