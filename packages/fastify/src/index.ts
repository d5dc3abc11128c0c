import './module-augmentation.js'

export { fastifyMiro, fastifyMiro as default } from './plugin.js'
export type {
  Admit, AppUserId, ChooseGrant, FastifyMiroHooks, FastifyMiroOptions, FastifyMiroRoutes, PanelRouteName, RouteName,
  SessionLabel
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
  TeamMismatchError, UnsupportedBodyError, UserMismatchError, isMiroError, type FastifyMiroError
} from './errors.js'

export {
  ApiError, BadResponseError, ClosedError, CodeRejectedError, ConfigError, encryptedStore, exactIds, ForeignOriginError,
  IdTokenClientMismatchError, IdTokenExpiredError, IdTokenInvalidError, IdTokenMissingError, memoryStore, MiroError,
  NotConnectedError, ReauthorizeError, RecordError, StoreError, UnavailableError, withRateLimit
} from '@miro-oauth/core'
export type {
  AdoptedTokens, AllGrantsOptions, ApiErrorDetails, ApiFetch, ApiLimits, AuthorizeRequest, Clock, Connection,
  Disconnection, EncryptedStore, EncryptedStoreOptions, Fetch, Forgotten, FoundGrant, Grant, GrantEntry, GrantPage,
  GrantRef, GrantSnapshot, GrantStatus, IdToken, Link, MiroAuth, MiroClient, MiroEvent, OnEvent, Optional,
  RateLimitOptions, ReauthorizeReason, RefreshDueOptions, RefreshDueResult, RefreshLimits, Store, TokenContext,
  Unlinking
} from '@miro-oauth/core'
export type {
  Actor, AnyItem, ApiQuery, AppCard, AppCardChanges, Board, BoardClient, BoardMember, BoardPage, BoardQuery, BoardRole,
  Boards, CallOptions, Card, CardChanges, Connector, ConnectorChanges, ConnectorEnd, Connectors, Document,
  DocumentChanges, Documents, Download, Embed, EmbedChanges, FileFields, Frame, FrameChanges, Geometry, Group, Groups,
  Image, ImageChanges, Images, Invitation, InvitationResult, ItemKind, ItemQuery, Items, ItemType, JsonOptions, Members,
  NewBoard, NewConnector, NewDocument, NewEmbed, NewFileItem, NewFrame, NewGeometry, NewImage, NewItem, NewPosition,
  NewTag, NewText, Open, PaginateOptions, ParentRef, Position, Shape, ShapeChanges, StickyNote, StickyNoteChanges,
  Tag, TagChanges, TagColor, Tags, TextChanges, TextItem, Upload
} from '@miro-oauth/core'
