export { createMiroAuth } from './create-miro-auth.js'
export type { FoundGrant, MiroAuth } from './miro-auth.js'
export type { Optional } from './optional.js'
export type { MiroAuthOptions } from './options.js'
export type { AdoptedTokens } from './connect/adopt.js'
export type { AuthorizeRequest } from './connect/authorize-url.js'
export type { Connection } from './connect/connect.js'
export type { Disconnection } from './connect/disconnect.js'
export type { Forgotten } from './connect/forget.js'
export type { Unlinking } from './connect/unlink.js'
export type { AllGrantsOptions, GrantEntry, GrantPage } from './grant/all-grants.js'
export type { Grant, GrantRef } from './grant/grant.js'
export type { GrantStatus } from './grant/grant-status.js'
export type { Link } from './grant/links.js'
export type { GrantSnapshot } from './grant/snapshot.js'
export type { Clock } from './clock.js'
export type { MiroEvent, OnEvent } from './events.js'
export type { RefreshDueOptions } from './refresh/refresh-due-options.js'
export type { RefreshDueResult } from './refresh/refresh-due.js'
export type { RefreshLimits } from './refresh/timing.js'

export { encryptedStore, type EncryptedStore, type EncryptedStoreOptions } from './store/encrypted-store.js'
export type { RewrapOptions, RewrapResult } from './store/encryption/rewrap.js'
export { memoryStore, type MemoryStoreOptions } from './store/memory-store.js'
export type { CasResult, Entry, ScanQuery, Store, Versioned } from './store/store.js'

export type { ApiFetch } from './rest/api-fetch.js'
export {
  IdTokenClientMismatchError, IdTokenExpiredError, IdTokenInvalidError, IdTokenMissingError
} from './id-token/id-token-errors.js'
export type { IdToken } from './id-token/verify-id-token.js'
export type { ApiLimits } from './rest/api-limits.js'
export type { Board, BoardPage, BoardQuery, Boards, NewBoard } from './rest/boards.js'
export type { MiroClient } from './rest/client.js'
export { createMiroClient, type StaticClientOptions } from './create-miro-client.js'
export type { BoardClient } from './rest/board/board-client.js'
export type {
  Connector, ConnectorCaption, ConnectorChanges, ConnectorEnd, Connectors, ConnectorStyle, NewConnector, StrokeCap
} from './rest/board/connectors.js'
export type { Download } from './rest/board/downloads.js'
export type { Documents, FileFields, Images } from './rest/board/files.js'
export type { Group, Groups } from './rest/board/groups.js'
export type { ItemKind } from './rest/board/item-kinds.js'
export type {
  AnyItem, AppCard, AppCardChanges, AppCardData, AppCardField, AppCardStyle, Card, CardChanges, CardData, CardStyle,
  Document, DocumentChanges, Embed, EmbedChanges, EmbedData, Frame, FrameChanges, FrameData, FrameStyle, Image,
  ImageChanges, ItemOf, ItemType, NewDocument, NewEmbed, NewEmbedData, NewFrame, NewFrameData, NewImage, NewItem,
  NewText, Shape, ShapeChanges, ShapeData, ShapeStyle, StickyNote, StickyNoteChanges, StickyNoteData, StickyNoteStyle,
  TextChanges, TextData, TextItem, TextStyle, UrlData
} from './rest/board/item-types.js'
export type { ItemQuery, Items, NewFileItem } from './rest/board/items.js'
export type { BoardMember, BoardRole, Invitation, InvitationResult, Members } from './rest/board/members.js'
export type {
  Actor, BaseItem, Fields, FontFamily, Geometry, NewGeometry, NewPosition, Open, PageQuery, ParentRef, Position, Size,
  TextAlign, TextAlignVertical
} from './rest/board/parts.js'
export type { NewTag, Tag, TagChanges, TagColor, Tags } from './rest/board/tags.js'
export type { Upload } from './rest/board/uploads.js'
export { withRateLimit, type RateLimitOptions } from './rest/limits/with-rate-limit.js'
export { exactIds } from './rest/exact-ids.js'
export type { ApiQuery, CallOptions, JsonOptions } from './rest/json-request.js'
export type { PaginateOptions } from './rest/paginate.js'
export type { TokenContext } from './rest/token-context.js'

export type { Fetch, FetchAnswer, FetchOption } from './wire/fetch.js'

export {
  ApiError, BadResponseError, ClosedError, CodeRejectedError, ConfigError, ForeignOriginError, MiroError,
  NotConnectedError, ReauthorizeError, RecordError, StoreError, UnavailableError, type ApiErrorDetails,
  type ReauthorizeReason
} from './errors.js'
export { isMiroError, type MiroOAuthError } from './miro-oauth-error.js'
