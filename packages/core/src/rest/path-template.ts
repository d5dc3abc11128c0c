/**
 * The words of Miro's paths. Whatever else stands in a path may be an id, and is not shown.
 *
 * @see https://developers.miro.com/reference/api-reference
 */
const words = new Set(('v1 v2 v2-experimental ai-interaction-logs app_cards apps audit boards bulk cards cases code_widgets ' +
  'connectors content-items content-logs data-classification data-classification-settings default_teams_settings docs ' +
  'documents embeds export export-jobs export-link frames groups images items jobs legal-holds logs members metrics ' +
  'metrics-total mindmap_nodes oauth oauth-token orgs position projects reset_all resources results revoke sessions settings ' +
  'shapes status sticky_notes tags tasks teams texts').split(' '))

/** A path without its ids and its query: `/v2/boards/{id}/items`. */
export function toTemplate (path: string): string {
  const origin = 'https://api.miro.com'
  if (!URL.canParse(path, origin)) return '/{id}'
  return new URL(path, origin).pathname.split('/').map((segment) => segment === '' || words.has(segment) ? segment : '{id}').join('/')
}
