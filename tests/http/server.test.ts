import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../../src/db/database.ts'
import { storeFiles } from '../../src/content/files.ts'
import type { Engine } from '../../src/flow/engine.ts'
import { sha256Hex } from '../../src/hash.ts'
import { startHttpServer } from '../../src/http/server.ts'
import { imagePath } from '../../src/render/files.ts'
import { testApp } from '../support/app.ts'
import { quietLog } from '../support/database.ts'

async function serve(engine: Engine): Promise<string> {
  const server = await startHttpServer(engine)
  onTestFinished(() => server.close())
  return server.url
}

/** The engine as it is once its database is gone. */
async function withoutDatabase(engine: Engine, databaseUrl: string): Promise<Engine> {
  const db = await openDatabase(databaseUrl, quietLog)
  await db.destroy()
  return { ...engine, db }
}

test('a process in service is alive and ready', async () => {
  const app = await testApp()
  const url = await serve(app.engine)
  const alive = await fetch(`${url}/healthz`)
  expect([alive.status, await alive.json()]).toEqual([200, { status: 'ok' }])
  const ready = await fetch(`${url}/readyz`)
  expect([ready.status, await ready.json()]).toEqual([
    200,
    { status: 'ok', checks: { database: 'ok', queue: 'ok' } },
  ])
})

test('the images of mails are served under their hash, for good; attachments and all else are not', async () => {
  const app = await testApp()
  const url = await serve(app.engine)
  const image = {
    sha256: sha256Hex('image'),
    contentType: 'image/png',
    bytes: Buffer.from('image'),
  }
  const report = {
    sha256: sha256Hex('pdf'),
    contentType: 'application/pdf',
    bytes: Buffer.from('pdf'),
  }
  await storeFiles(app.db, [image, report], app.engine.clock.now())
  const answer = await fetch(`${url}${imagePath({ sha256: image.sha256, formato: 'png' })}`)
  expect([answer.status, await answer.text()]).toEqual([200, 'image'])
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': 'image/png',
    'cache-control': 'public, max-age=31536000, immutable',
    'cross-origin-resource-policy': 'cross-origin',
    'x-content-type-options': 'nosniff',
  })
  const others = [`${report.sha256}.png`, `${'0'.repeat(64)}.png`, 'x.png', `${image.sha256}.svg`]
  for (const name of others) expect((await fetch(`${url}/imagenes/${name}`)).status).toBe(404)
})

test('without its database a process is alive and not ready, and says what it lacks', async () => {
  const app = await testApp()
  const url = await serve(await withoutDatabase(app.engine, app.databaseUrl))
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  const ready = await fetch(`${url}/readyz`)
  expect(ready.status).toBe(503)
  expect(await ready.json()).toEqual({
    status: 'unavailable',
    checks: { database: expect.not.stringMatching(/^(ok|unavailable)$/), queue: 'ok' },
  })
  const page = await fetch(url)
  expect(await page.text()).toContain('Sin servicio')
})

test('in production nobody outside is told why it is not ready', async () => {
  const app = await testApp()
  const engine = await withoutDatabase(app.engine, app.databaseUrl)
  const url = await serve({ ...engine, config: { ...engine.config, environment: 'production' } })
  expect(await (await fetch(`${url}/readyz`)).json()).toEqual({
    status: 'unavailable',
    checks: { database: 'unavailable', queue: 'ok' },
  })
})

test('the page is Spanish, and its hour is the clock of the engine in Mexico City', async () => {
  const app = await testApp()
  const page = await fetch(await serve(app.engine))
  expect(page.headers.get('content-type')).toBe('text/html; charset=UTF-8')
  const html = await page.text()
  expect(html).toContain('<html lang="es-MX">')
  expect(html).toContain('lunes 23 de noviembre de 2026, 09:00 horas')
  expect(html.match(/En servicio/g)).toHaveLength(2)
})

test('every answer forbids scripts, frames, sniffing and referrers', async () => {
  const app = await testApp()
  const url = await serve(app.engine)
  for (const path of ['/', '/healthz', '/readyz', '/nothing-here']) {
    const { headers } = await fetch(`${url}${path}`)
    expect(Object.fromEntries(headers), path).toMatchObject({
      'content-security-policy': expect.stringMatching(
        /^default-src 'none';.*frame-ancestors 'none'/,
      ),
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
  }
})

test('a port that is taken is a problem that names its setting', async () => {
  const app = await testApp()
  const port = Number(new URL(await serve(app.engine)).port)
  const http = { ...app.engine.config.http, port }
  const second = startHttpServer({ ...app.engine, config: { ...app.engine.config, http } })
  await expect(second).rejects.toMatchObject({
    kind: 'unavailable',
    faults: [{ place: 'HTTP_PORT', value: String(port) }],
  })
})
