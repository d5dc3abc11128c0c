import helmet from '@fastify/helmet'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

/**
 * The headers of every page: no foreign content, no framing, no caching, and no script.
 *
 * @param options.scripts `true`: pages run scripts of the app, which send requests to it. Default `false`
 */
export const pageHeaders = fp(async (app: FastifyInstance, { scripts = false }: { scripts?: boolean }) => {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        ...(scripts && { scriptSrc: ["'self'"], connectSrc: ["'self'"] }),
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"]
      }
    },
    // With `no-referrer` a browser sends `Origin: null` with a form, and `app.miro.requireSameOrigin` would refuse the
    // app's own.
    referrerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' }
  })
  // A page shows what one person may see: neither a shared cache nor the back button after a logout may keep it.
  app.addHook('onRequest', async (_request, reply) => { reply.header('cache-control', 'no-store') })
}, { name: 'example-page-headers' })
