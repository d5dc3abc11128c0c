/** The header that carries the id of the app's user, in place of a login of the app's own. */
export const userHeader = 'x-app-user'
