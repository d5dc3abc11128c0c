import type { AppMiro } from './app-miro.js'
import type { RouteName } from './options.js'
import type { RequestMiro } from './request/request-miro.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** Miro outside of a request. For a registration with another `decorator`, declare that name the same way. */
    miro: AppMiro
  }

  interface FastifyRequest {
    /** Miro as the user who sent the request. */
    miro: RequestMiro
  }

  interface FastifyContextConfig {
    miro?: {
      /**
       * Only requests with a grant reach the handler. A route that has `config.miro`, and no `panel` in it, says `true`
       * or `false`.
       */
      required?: boolean
      /**
       * A route for the app's panel in Miro; the option `panel` must be on. `true`: who asks is told by the id token
       * behind `Authorization: Bearer`, and `request.miro` acts for the grant of that user in that team. `'identity'`:
       * the same without a grant, and nothing is read from the store. `'page'`: a page for the iframe, which sends no
       * token. In none of them a cookie counts.
       */
      panel?: boolean | 'identity' | 'page'
      /**
       * The `decorator` of the registration that is meant. Without it, each registration requires a grant of its own.
       */
      app?: string
      /** Set on the plugin's own routes, for the host's global hooks. */
      route?: RouteName
    }
  }
}
