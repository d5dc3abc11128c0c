import { boardsPath, type Operation } from '../operations/operation.js'
import { OperationRouter } from '../operations/operation-router.js'
import { boardOperations } from './boards.js'
import { bulkOperations } from './bulk.js'
import { connectorOperations } from './connectors.js'
import { groupOperations } from './groups.js'
import { itemKindOperations } from './item-kinds.js'
import { itemOperations } from './items.js'
import { memberOperations } from './members.js'
import { resourceOperations } from './resources.js'
import { tagOperations } from './tags.js'

/** What the emulator has of Miro's REST API. */
export const restOperations: readonly Operation[] = [
  ...boardOperations,
  ...itemOperations,
  ...bulkOperations,
  ...itemKindOperations,
  ...resourceOperations,
  ...connectorOperations,
  ...tagOperations,
  ...groupOperations,
  ...memberOperations
]

export const restRouter = new OperationRouter(boardsPath, restOperations)
