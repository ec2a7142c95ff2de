/** The images of a mail from its writer's folder to its readers. */
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { readContent } from '../../src/content/content.ts'
import type { ReadNamedFile } from '../../src/content/files.ts'
import { addContent } from '../../src/flow/add-content.ts'
import { cancel } from '../../src/flow/approve.ts'
import { openCorrection } from '../../src/flow/correct.ts'
import { markReady } from '../../src/flow/mark-ready.ts'
import { plan } from '../../src/flow/plan.ts'
import { sha256Hex } from '../../src/hash.ts'
import { contentFiles } from '../../src/http/panel/content/desk.ts'
import { frozenImages } from '../../src/named-files.ts'
import {
  editionNow,
  eventually,
  fridayAt15,
  mexicoCity,
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

/** Content with these images, by the fields of two notes; undefined: none there. */
function illustratedWith(one: string | undefined, two: string | undefined): string {
  const sample = parse(boletinYaml()) as { secciones: { notas: { imagen?: object }[] }[] }
  const [first, second] = sample.secciones[0]!.notas
  if (one) first!.imagen = { archivo: one, alt: 'Un cartel' }
  if (two) second!.imagen = { archivo: two, alt: 'Una fotografía' }
  return JSON.stringify(sample)
}

test('an alcance takes the images of what it corrects as they were drawn, of the last that left', async () => {
  const app = await testApp({ recipients: 1 })
  const { engine, ana } = app
  const noise = Buffer.from(Array.from({ length: 3 * 400 * 300 }, (_, i) => (i * i * 31) % 251))
  const photo = await sharp(noise, { raw: { width: 400, height: 300, channels: 3 } })
    .jpeg()
    .toBuffer()
  await plan(engine)
  await startWorkers(app)
  const add = (text: string, edition: { id: number } | undefined, readFile: ReadNamedFile) =>
    addContent(engine, ana, {
      text,
      place: 'b',
      readFile,
      ...(edition && { editionId: edition.id }),
    })
  const leave = async (id: number, at: Date) => {
    await markReady(engine, ana, id)
    app.clock.moveTo(at)
    await plan(engine)
    await eventually(
      () => editionNow(app, id),
      ({ state }) => state === 'sent',
    )
  }
  const imagesOf = async (id: number) =>
    frozenImages((await readContent(app.db, await editionNow(app, id))).body)
  const original = await add(illustratedWith('uno.png', 'dos.jpg'), undefined, async (name) =>
    name === 'uno.png' ? png : photo,
  )
  await leave(original.id, fridayAt15)
  const images = await imagesOf(original.id)
  expect(images.map(({ formato }) => formato)).toEqual(['png', 'jpg'])

  const cancelled = await openCorrection(engine, ana, original.id, mexicoCity('2026-11-30T09:00'))
  const whole = illustratedWith('uno.png', 'dos.jpg')
  await add(whole, cancelled, await contentFiles(engine, cancelled))
  expect(await imagesOf(cancelled.id)).toEqual(images)
  await cancel(engine, app.luis, cancelled.id, 'Sale otro')

  const first = await openCorrection(engine, ana, original.id, mexicoCity('2026-11-30T10:00'))
  await add(illustratedWith(undefined, 'dos.jpg'), first, await contentFiles(engine, first))
  await leave(first.id, mexicoCity('2026-11-30T10:00'))
  expect(await imagesOf(first.id)).toEqual([images[1]])
  const photos = (await mailsOf(app)).flatMap(({ attachments }) =>
    attachments.filter(({ mimeType }) => mimeType === 'image/jpeg'),
  )
  expect(photos).toHaveLength(2)
  const bytes = photos.map(({ content }) => sha256Hex(Buffer.from(content as ArrayBuffer)))
  expect(bytes).toEqual([images[1]!.sha256, images[1]!.sha256])

  // what the last one left out is not there any more
  const second = await openCorrection(engine, ana, first.id, mexicoCity('2026-11-30T12:00'))
  const files = await contentFiles(engine, second)
  await expect(add(whole, second, files)).rejects.toThrow('no está entre los archivos')
  await add(illustratedWith(undefined, 'dos.jpg'), second, files)
  expect(await imagesOf(second.id)).toEqual([images[1]])
})
