import type { Subject, SubjectParts } from './subject.js'

/** Creates the subject of the options. It imports no other one, because a worker starts every two seconds. */
export async function createSubject (parts: SubjectParts): Promise<Subject> {
  switch (parts.options.subject) {
    case 'ours': return (await import('./ours.js')).createOurs(parts)
    case 'without-lease': return (await import('./without-lease.js')).createWithoutLease(parts)
    case 'miro-api': return (await import('./miro-api.js')).createMiroApi(parts)
    case 'fastify-oauth2': return (await import('./fastify-oauth2.js')).createFastifyOAuth2(parts)
  }
}
