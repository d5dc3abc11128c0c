/** The header that stands for the app's own login. */
export const userHeader = 'x-app-user'
