/**
 * Draws the pictures of the README from the samples: `npx node docs/images/make.ts`.
 * Needs a Chromium: CHROMIUM=/path, /usr/bin/chromium otherwise.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { crc32, deflateSync } from 'node:zlib'
import { chromium, type Page } from 'playwright-core'
import { boletinElectoral } from '../../jobs/boletin-electoral.ts'
import { calendarioIne } from '../../jobs/calendario-ine.ts'
import { invitacionRedObservacion } from '../../jobs/invitacion-red-observacion.ts'
import { checkContent } from '../../src/content/check.ts'
import type { EditionFacts, Publication } from '../../src/publication.ts'
import { renderEdition } from '../../src/render/render.ts'
import { compileSlots, escapeHtml, slotValues } from '../../src/render/slots.ts'

const week = { period: '2026-W48', revision: 0, issue: undefined }
const editions: [Publication, EditionFacts][] = [
  [
    boletinElectoral,
    {
      ...week,
      nominalAt: new Date('2026-11-27T15:00:00-06:00'),
      issue: { year: 2026, number: 48 },
    },
  ],
  [calendarioIne, { ...week, nominalAt: new Date('2026-11-23T08:30:00-06:00') }],
  [
    invitacionRedObservacion,
    { ...week, nominalAt: new Date('2026-11-25T10:00:00-06:00'), period: 'taller-diciembre' },
  ],
]

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
try {
  const page = await browser.newPage({
    viewport: { width: 640, height: 800 },
    colorScheme: 'light',
  })
  for (const [publication, edition] of editions) {
    await page.setContent(await sampleMail(publication, edition))
    const screenshot = await page.screenshot({ fullPage: true })
    await writeFile(
      new URL(`${publication.slug}.png`, import.meta.url),
      indexedPng(await fewColours(page, screenshot)),
    )
  }
} finally {
  await browser.close()
}

async function sampleMail(publication: Publication, edition: EditionFacts): Promise<string> {
  const sample = new URL(`../../jobs/samples/${publication.slug}.yaml`, import.meta.url)
  const checked = checkContent(await readFile(sample, 'utf8'), sample.pathname, [publication])
  if (!checked.ok) throw new Error(JSON.stringify(checked.faults))
  const result = await renderEdition(publication, checked.content.body, edition, {
    mailDomain: 'iecm.mx',
  })
  if (!result.ok) throw new Error(JSON.stringify(result.faults))
  return compileSlots(result.rendering.html, escapeHtml)(slotValues({ name: 'Ana Pérez' }))
}

interface Picture {
  width: number
  height: number
  /** 0xrrggbb, at most 256 */
  palette: number[]
  /** An index of the palette for each pixel. */
  pixels: number[]
}

/** The most used colours; the rest, which smooth the edges of letters, become the nearest of them. */
async function fewColours(page: Page, png: Buffer): Promise<Picture> {
  // the browser decodes its own picture; a string, because it runs there and not here
  return page.evaluate<Picture>(`(async () => {
    const image = new Image()
    image.src = 'data:image/png;base64,${png.toString('base64')}'
    await image.decode()
    const { width, height } = image
    const context = new OffscreenCanvas(width, height).getContext('2d')
    context.drawImage(image, 0, 0)
    const { data } = context.getImageData(0, 0, width, height)
    const colours = Array.from({ length: width * height }, (_, i) => (data[4 * i] << 16) | (data[4 * i + 1] << 8) | data[4 * i + 2])
    const uses = new Map()
    for (const colour of colours) uses.set(colour, (uses.get(colour) ?? 0) + 1)
    const palette = [...uses].sort((a, b) => b[1] - a[1]).slice(0, 256).map(([colour]) => colour)
    const distance = (a, b) => [16, 8, 0].reduce((sum, shift) => sum + (((a >> shift) & 255) - ((b >> shift) & 255)) ** 2, 0)
    const nearest = new Map()
    for (const colour of uses.keys()) {
      nearest.set(colour, palette.reduce((best, candidate, i) => distance(colour, candidate) < distance(colour, palette[best]) ? i : best, 0))
    }
    return { width, height, palette, pixels: colours.map((colour) => nearest.get(colour)) }
  })()`)
}

/** https://www.w3.org/TR/png-3/#11IHDR: 8 bits, colour type 3, every row without filter. */
function indexedPng({ width, height, palette, pixels }: Picture): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 3, 0, 0, 0], 8)
  const rows = Array.from({ length: height }, (_, y) => [
    0,
    ...pixels.slice(y * width, (y + 1) * width),
  ])
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk(
      'PLTE',
      Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255])),
    ),
    chunk('IDAT', deflateSync(Buffer.from(rows.flat()), { level: 9, memLevel: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const framed = Buffer.alloc(typed.length + 8)
  framed.writeUInt32BE(data.length, 0)
  framed.set(typed, 4)
  framed.writeUInt32BE(crc32(typed), typed.length + 4)
  return framed
}
