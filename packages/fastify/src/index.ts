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
export type { AnyReply, AnyRequest, RequireSameOrigin } from './request/require-same-origin.js'
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
  Actor, AdoptedTokens, AllGrantsOptions, AnyItem, ApiErrorDetails, ApiFetch, ApiLimits, ApiQuery, AppCard,
  AppCardChanges, AppCardData, AppCardField, AppCardStyle, AuthorizeRequest, BaseItem, Board, BoardClient, BoardMember,
  BoardPage, BoardQuery, BoardRole, Boards, CallOptions, Card, CardChanges, CardData, CardStyle, CasResult, Clock,
  Connection, Connector, ConnectorCaption, ConnectorChanges, ConnectorEnd, Connectors, ConnectorStyle, Disconnection,
  Document, DocumentChanges, Documents, Download, Embed, EmbedChanges, EmbedData, EncryptedStore, EncryptedStoreOptions,
  Entry, Fetch, FetchAnswer, FetchOption, Fields, FileFields, FontFamily, Forgotten, FoundGrant, Frame, FrameChanges,
  FrameData, FrameStyle,
  Geometry, Grant, GrantEntry, GrantPage, GrantRef, GrantSnapshot, GrantStatus, Group, Groups, IdToken, Image,
  ImageChanges, Images, Invitation, InvitationResult, ItemKind, ItemOf, ItemQuery, Items, ItemType, JsonOptions, Link,
  Members, MemoryStoreOptions, MiroAuth, MiroClient, MiroEvent, NewBoard, NewConnector, NewDocument, NewEmbed,
  NewEmbedData, NewFileItem, NewFrame, NewFrameData, NewGeometry, NewImage, NewItem, NewPosition, NewTag, NewText,
  OnEvent, Open, Optional, PageQuery, PaginateOptions, ParentRef, Position, RateLimitOptions, ReauthorizeReason,
  RefreshDueOptions, RefreshDueResult, RefreshLimits, RewrapOptions, RewrapResult, ScanQuery, Shape, ShapeChanges,
  ShapeData, ShapeStyle, Size, StickyNote, StickyNoteChanges, StickyNoteData, StickyNoteStyle, Store, StrokeCap, Tag,
  TagChanges, TagColor, Tags, TextAlign, TextAlignVertical, TextChanges, TextData, TextItem, TextStyle, TokenContext,
  Unlinking, Upload, UrlData, Versioned
} from '@miro-oauth/core'
