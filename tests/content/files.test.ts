/** Images and attachments that are not what they should be, and what is kept of those that are. */
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { expect, onTestFinished, test } from 'vitest'
import { cleanName, filesIn, prepareFiles } from '../../src/content/files.ts'
import type { Fault } from '../../src/errors.ts'

type Files = Record<string, Buffer | string>

async function folderWith(files: Files): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pregonero-files-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes)
  return folder
}

const image = (archivo: string) => ({ archivo, alt: 'Cartel del taller' })
const attachment = (archivo: string) => ({ archivo, titulo: 'Programa' })

/** Content that names the files, as its writer has them in a folder. */
async function prepare<Body extends object>(body: Body, files: Files) {
  return prepareFiles(body, 'correo.yaml', filesIn(await folderWith(files)))
}

async function faultsOf(body: object, files: Files): Promise<Fault[]> {
  const prepared = await prepare(body, files)
  return prepared.ok ? [] : prepared.faults
}

const picture = (width = 40, height = 20) =>
  sharp({ create: { width, height, channels: 3, background: '#7a1f5c' } })
const png = await picture().png().toBuffer()
const pdf = Buffer.from('%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer <<>>\n%%EOF\n')
const svg =
  '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>'

test.each<[string, Buffer | string, string]>([
  ['a text', 'Hola, soy un cartel', 'no es PNG, JPEG, WebP ni GIF'],
  ['nothing', '', 'no es PNG, JPEG, WebP ni GIF'],
  ['an SVG', svg, 'no es PNG, JPEG, WebP ni GIF'],
  ['an SVG that begins as XML does', `<?xml version="1.0"?>${svg}`, 'es xml'],
  ['a PDF', pdf, 'es pdf'],
  ['half a PNG', png.subarray(0, png.length - 20), 'está incompleta o dañada'],
  ['the beginning of a PNG', png.subarray(0, 30), 'está incompleta o dañada'],
  ['a PNG of rubbish', Buffer.concat([png.subarray(0, 60), Buffer.alloc(900, 7)]), 'dañada'],
])('an image that is %s is refused by its name', async (_what, bytes, why) => {
  expect(await faultsOf({ imagen: image('cartel.png') }, { 'cartel.png': bytes })).toEqual([
    {
      place: 'correo.yaml imagen',
      message: expect.stringMatching(`^no es una imagen que se pueda usar: .*${why}$`),
      value: '"cartel.png"',
      remedy: 'Guárdela otra vez como PNG o JPEG',
    },
  ])
})

test('an image of 12,000 × 12,000 pixels is refused by its header: it is never decoded', async () => {
  // its points are missing: whoever decoded it would find it damaged
  const bomb = pngOf(12_000, 12_000)
  expect(await faultsOf({ imagen: image('grande.png') }, { 'grande.png': bomb })).toEqual([
    {
      place: 'correo.yaml imagen',
      message: 'mide 12000 × 12000 píxeles y el máximo es de 40 millones',
      value: '"grande.png"',
      remedy: 'Redúzcala: bastan 1088 píxeles de ancho',
    },
  ])
})

/** A PNG with a true header and one row of points (PNG specification, 5.2 and 11.2). */
function pngOf(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const named = Buffer.concat([Buffer.from(type), data])
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(data.length)
    check.writeUInt32BE(crc32(named))
    return Buffer.concat([length, named, check])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  // eight bits, grey
  header.set([8, 0, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(width + 1))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

test('a photograph comes out upright, and without where and with what it was taken', async () => {
  const photo = await picture(40, 20)
    .withExif({
      IFD0: { Make: 'Camarota', Artist: 'Ana Pérez' },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '19/1 25/1 0/1' },
    })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer()
  expect(photo.includes('Camarota')).toBe(true)
  const prepared = await prepare({ imagen: image('foto.jpg') }, { 'foto.jpg': photo })
  if (!prepared.ok) throw new Error(JSON.stringify(prepared.faults))
  const [file] = prepared.files
  const { orientation, exif, xmp, iptc, width, height } = await sharp(file!.bytes).metadata()
  expect({ orientation, exif, xmp, iptc, width, height }).toEqual({ width: 20, height: 40 })
  expect(file!.bytes.includes('Camarota')).toBe(false)
  expect(prepared.body).toMatchObject({
    imagen: { formato: 'jpg', ancho: 20, alto: 40, sha256: file!.sha256 },
  })
})

test('what an image hides after its end, or in its texts, is left behind', async () => {
  const script = Buffer.from('<script>alert(1)</script>')
  const prepared = await prepare(
    { imagen: image('cartel.png') },
    { 'cartel.png': Buffer.concat([png, script]) },
  )
  if (!prepared.ok) throw new Error(JSON.stringify(prepared.faults))
  expect(prepared.files[0]!.bytes.includes('script')).toBe(false)
})

test('a wide image is drawn as wide as the column needs, a small one as it is', async () => {
  const wide = await picture(3_000, 1_500).png().toBuffer()
  const prepared = await prepare(
    { uno: image('ancha.png'), dos: image('chica.png') },
    { 'ancha.png': wide, 'chica.png': png },
  )
  expect(prepared).toMatchObject({
    ok: true,
    body: { uno: { ancho: 1088, alto: 544 }, dos: { ancho: 40, alto: 20 } },
  })
})

test.each([
  [30_000_000, '30 MB'],
  // Node reads no file of this size at once: whoever tried would fail
  [3_000_000_000, '3000 MB'],
])('an attachment of %d bytes is refused by its size, without being read', async (size, told) => {
  const folder = await folderWith({ 'programa.pdf': pdf })
  await truncate(join(folder, 'programa.pdf'), size)
  const body = { adjuntos: [attachment('programa.pdf')] }
  expect(await prepareFiles(body, 'correo.yaml', filesIn(folder))).toEqual({
    ok: false,
    faults: [
      {
        place: 'correo.yaml adjuntos[0]',
        message: `pesa ${told} y el máximo es 2 MB`,
        value: '"programa.pdf"',
        remedy: 'Redúzcalo, o publíquelo en el sitio y ponga la liga',
      },
    ],
  })
})

test.each<[string, Buffer | string, string]>([
  ['programa.pdf', png, 'no es un pdf que se pueda adjuntar: es png'],
  ['programa.docx', pdf, 'no es un docx que se pueda adjuntar: es pdf'],
  ['programa.pdf', 'Hola', 'no es un pdf que se pueda adjuntar: es texto o de un tipo desconocido'],
  ['programa.pdf', '', 'no es un pdf que se pueda adjuntar: es texto o de un tipo desconocido'],
  ['programa.exe', Buffer.from('MZ\u0090\u0000'), 'no es un exe que se pueda adjuntar: es exe'],
  ['pagina.html', '<!doctype html><script>alert(1)</script>', 'no es un html que se pueda'],
  ['cartel.png', png, 'no es un png que se pueda adjuntar: es png'],
])('the attachment %s with other bytes than it may have is refused', async (name, bytes, why) => {
  expect(await faultsOf({ adjuntos: [attachment(name)] }, { [name]: bytes })).toEqual([
    {
      place: 'correo.yaml adjuntos[0]',
      message: expect.stringContaining(why),
      value: JSON.stringify(name),
      remedy: 'Use pdf, docx, xlsx, pptx, con la extensión que le corresponde',
    },
  ])
})

test('files that are not there, or are folders, are told all at once, each by its name', async () => {
  const folder = await folderWith({})
  await mkdir(join(folder, 'carpeta.png'))
  const body = {
    notas: [{ imagen: image('cartel.png') }, { imagen: image('carpeta.png') }],
    adjuntos: [attachment('programa.pdf')],
  }
  const remedy = 'Póngalo en la misma carpeta que el contenido, con ese nombre'
  expect(await prepareFiles(body, 'correo.yaml', filesIn(folder))).toEqual({
    ok: false,
    faults: [
      {
        place: 'correo.yaml notas[0].imagen',
        message: 'no está junto al contenido',
        value: '"cartel.png"',
        remedy,
      },
      {
        place: 'correo.yaml notas[1].imagen',
        message: 'no es un archivo',
        value: '"carpeta.png"',
        remedy,
      },
      {
        place: 'correo.yaml adjuntos[0]',
        message: 'no está junto al contenido',
        value: '"programa.pdf"',
        remedy,
      },
    ],
  })
})

test('13 images are refused before any is drawn; 12 are not', async () => {
  const notas = Array.from({ length: 13 }, (_, i) => ({ imagen: image(`foto-${i}.png`) }))
  const files = Object.fromEntries(notas.map(({ imagen }) => [imagen.archivo, png]))
  expect(await faultsOf({ notas }, {})).toEqual([
    {
      place: 'correo.yaml',
      message: 'tiene 13 imágenes y el máximo es 12',
      remedy: 'Quite imágenes o repártalas en dos envíos',
    },
  ])
  expect(await faultsOf({ notas: notas.slice(1) }, files)).toEqual([])
})

test('an attachment keeps its bytes, under a name that every disk takes', async () => {
  const name = 'Programa (versión final) — «taller».PDF'
  const prepared = await prepare({ adjuntos: [attachment(name)] }, { [name]: pdf })
  if (!prepared.ok) throw new Error(JSON.stringify(prepared.faults))
  const sha256 = createHash('sha256').update(pdf).digest('hex')
  expect(prepared.files).toEqual([{ sha256, contentType: 'application/pdf', bytes: pdf }])
  expect(prepared.body.adjuntos[0]).toEqual({
    archivo: 'Programa-versión-final-taller.pdf',
    titulo: 'Programa',
    sha256,
    bytes: pdf.length,
    contentType: 'application/pdf',
  })
  expect(cleanName('¿¡!?.pdf')).toBe('archivo.pdf')
})

test('a photograph stays a photograph, whatever it was saved as; few colours and a see-through ground stay PNG', async () => {
  const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const
  const photo = sharp({
    create: { width: 900, height: 600, channels: 3, background: '#7a1f5c', noise },
  })
  const prepared = await prepare(
    {
      uno: image('foto.webp'),
      dos: image('foto.png'),
      tres: image('logo.png'),
      cuatro: image('transparente.png'),
    },
    {
      'foto.webp': await photo.clone().webp().toBuffer(),
      'foto.png': await photo.clone().png().toBuffer(),
      'logo.png': png,
      'transparente.png': await photo.clone().ensureAlpha(0.5).png().toBuffer(),
    },
  )
  expect(prepared).toMatchObject({
    ok: true,
    body: {
      uno: { formato: 'jpg' },
      dos: { formato: 'jpg' },
      tres: { formato: 'png' },
      cuatro: { formato: 'png' },
    },
  })
})

test('an animation is refused: mail programs would show one frame of it, or none', async () => {
  const frames = await Promise.all(
    ['#7a1f5c', '#ffffff'].map((background) =>
      sharp({ create: { width: 9, height: 9, channels: 3, background } })
        .png()
        .toBuffer(),
    ),
  )
  const animated = await sharp(frames, { join: { animated: true } })
    .gif()
    .toBuffer()
  expect(await faultsOf({ imagen: image('gira.gif') }, { 'gira.gif': animated })).toMatchObject([
    { message: 'no es una imagen que se pueda usar: está animada' },
  ])
})

test('an image as tall as a tower is drawn no taller than a mail can be', async () => {
  const tower = await picture(200, 60_000).png().toBuffer()
  const prepared = await prepare({ imagen: image('torre.png') }, { 'torre.png': tower })
  expect(prepared).toMatchObject({ ok: true, body: { imagen: { ancho: 20, alto: 6_000 } } })
})

test('attachments have a weight together, and a name each', async () => {
  const heavy = Buffer.concat([pdf, Buffer.alloc(1_900_000)])
  const files = { 'a b.pdf': heavy, 'a-b.pdf': heavy }
  const body = { adjuntos: [attachment('a b.pdf'), attachment('a-b.pdf')] }
  expect(await faultsOf(body, files)).toEqual([
    {
      place: 'correo.yaml adjuntos',
      message: 'pesan 3.8 MB y el máximo entre todos es 3.5 MB',
      remedy: 'Redúzcalos, o publique alguno en el sitio y ponga la liga',
    },
    {
      place: 'correo.yaml adjuntos',
      message: 'dos archivos llegarían con el mismo nombre',
      value: '"a-b.pdf"',
      remedy: 'Cambie el nombre de uno',
    },
  ])
})
