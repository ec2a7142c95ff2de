/** The images of mails, for whoever knows their hash; attachments are not served. */
import { Hono } from 'hono'
import { readImage } from '../../content/files.ts'
import type { Engine } from '../../flow/engine.ts'
import type { PageEnv } from '../env.ts'

export function images(engine: Engine): Hono<PageEnv> {
  return new Hono<PageEnv>().get('/imagenes/:file', async (c) => {
    const [, sha256] = /^([0-9a-f]{64})\.(?:png|jpg)$/.exec(c.req.param('file')) ?? []
    const image = sha256 === undefined ? undefined : await readImage(engine.db, sha256)
    if (!image) return c.notFound()
    return c.body(new Uint8Array(image.bytes), 200, {
      'Content-Type': image.contentType,
      // its name is its hash: what it holds can never change
      'Cache-Control': 'public, max-age=31536000, immutable',
      // mail programs show it on pages of their own
      'Cross-Origin-Resource-Policy': 'cross-origin',
    })
  })
}
