/** The images of a mail from its writer's folder to its readers. */
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { addContent } from '../../src/flow/add-content.ts'
import { markReady } from '../../src/flow/mark-ready.ts'
import { plan } from '../../src/flow/plan.ts'
import {
  editionNow,
  eventually,
  fridayAt15,
  startWorkers,
  testApp,
  type TestApp,
} from '../support/app.ts'
import { boletinYaml } from '../support/content.ts'
import { mailsOf } from '../support/outbox.ts'

const png = await sharp({ create: { width: 40, height: 20, channels: 3, background: '#7a1f5c' } })
  .png()
  .toBuffer()

/** The boletín with the same image in two of its articles, under two names. */
async function addIllustrated(app: TestApp, titular: string) {
  const sample = parse(boletinYaml({ titular })) as {
    secciones: { notas: { imagen?: object }[] }[]
  }
  sample.secciones[0]!.notas[0]!.imagen = { archivo: 'uno.png', alt: 'El cartel' }
  sample.secciones[0]!.notas[1]!.imagen = { archivo: 'dos.png', alt: 'El mismo cartel' }
  return addContent(app.engine, app.ana, {
    text: JSON.stringify(sample),
    place: 'boletin.yaml',
    readFile: async () => png,
  })
}

test('an image that is named twice, and in two versions of the content, is stored once', async () => {
  const app = await testApp()
  await plan(app.engine)
  await addIllustrated(app, 'Primera versión')
  await addIllustrated(app, 'Segunda versión')
  const stored = await app.db.selectFrom('storedFile').selectAll().execute()
  expect(stored).toMatchObject([{ contentType: 'image/png' }])
  const bodies = await app.db.selectFrom('content').select('body').execute()
  const images = bodies.flatMap(({ body }) => {
    const { secciones } = body as { secciones: { notas: { imagen?: { sha256: string } }[] }[] }
    return secciones[0]!.notas.map(({ imagen }) => imagen?.sha256)
  })
  expect(images).toEqual(Array.from({ length: 4 }, () => stored[0]!.sha256))
})

test('where readers cannot reach us it travels once in each mail, and both places show it', async () => {
  const app = await testApp({ recipients: 1 })
  await plan(app.engine)
  const { id } = await addIllustrated(app, 'Con imágenes')
  await markReady(app.engine, app.ana, id)
  await startWorkers(app)
  app.clock.moveTo(fridayAt15)
  await plan(app.engine)
  await eventually(
    () => editionNow(app, id),
    ({ state }) => state === 'sent',
  )
  const [mail] = await mailsOf(app)
  expect(mail!.attachments).toHaveLength(1)
  const [{ contentId, mimeType, content } = { contentId: '' }] = mail!.attachments
  expect(mimeType).toBe('image/png')
  const [stored] = await app.db.selectFrom('storedFile').selectAll().execute()
  expect(Buffer.from(content as ArrayBuffer).equals(stored!.bytes)).toBe(true)
  const source = `src="cid:${contentId!.replace(/[<>]/g, '')}"`
  expect(mail!.html!.split(source)).toHaveLength(3)
  expect(mail!.html).toContain('alt="El mismo cartel"')
})
