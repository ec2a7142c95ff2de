/**
 * `npm run previews`: the sample of each publication as readers see it, wide and narrow, by day and by night, and the
 * gallery of them all. A test says when the gallery is behind; the pictures are drawn anew when a template changes.
 */
import { readdir, rm, writeFile } from 'node:fs/promises'
import type { Browser } from 'playwright-core'
import sharp from 'sharp'
import { publications } from '../../jobs/index.ts'
import { cadenceText, type Publication } from '../../src/publication.ts'
import {
  openBrowser,
  openMail,
  schemes,
  widthsPx,
  type Scheme,
} from '../../tests/support/mail-browser.ts'
import { sampleMail } from '../../tests/support/sample-mails.ts'

const folder = new URL('./', import.meta.url)

interface Picture {
  widthPx: number
  scheme: Scheme
  file: string
}

const schemeNames: Record<Scheme, string> = { light: 'claro', dark: 'oscuro' }

export function picturesOf({ slug }: Publication): Picture[] {
  return widthsPx.flatMap((widthPx) =>
    schemes.map((scheme) => ({
      widthPx,
      scheme,
      file: `${slug}-${widthPx}-${schemeNames[scheme]}.webp`,
    })),
  )
}

export function galleryPage(shown: Publication[]): string {
  return [
    '# Cómo se ven los correos',
    '',
    'La muestra de cada publicación: en una pantalla ancha y en un teléfono, en modo claro y en modo oscuro. Son contenidos de',
    'muestra, sin hechos ni personas reales. Esta página y sus imágenes las hace `npm run previews`.',
    ...shown.flatMap(section),
    '',
  ].join('\n')
}

function section(publication: Publication): string[] {
  const { slug, name, description, cadence, readers } = publication
  return [
    '',
    `## ${name}`,
    '',
    description,
    '',
    `- Cuándo: ${cadenceText(cadence)}`,
    `- A quién: ${readers}`,
    `- Contenido: [${slug}.yaml](../../jobs/samples/${slug}.yaml)`,
    '',
    picturesOf(publication)
      .map((picture) => imageTag(name, picture))
      .join(' '),
  ]
}

/** All to one scale: the four fit side by side in a page of GitHub. */
function imageTag(name: string, { widthPx, scheme, file }: Picture): string {
  const alt = `Muestra de ${name}, a ${widthPx} px, modo ${schemeNames[scheme]}`
  return `<img src="${file}" width="${widthPx * 0.4}" align="top" alt="${alt}">`
}

async function draw(browser: Browser, publication: Publication): Promise<void> {
  const { page, refused, show } = await openMail(browser, await sampleMail(publication))
  if (refused.length > 0) throw new Error(`${publication.slug} asks for ${refused.join(', ')}`)
  for (const { widthPx, scheme, file } of picturesOf(publication)) {
    await show(widthPx, scheme)
    const picture = await small(await page.screenshot({ fullPage: true }))
    await writeFile(new URL(file, folder), picture)
  }
  await page.close()
}

/** Text on flat colours: few of them and none of WebP's loss look better, and weigh half. */
export async function small(screenshot: Buffer): Promise<Buffer> {
  const flat = await sharp(screenshot).png({ palette: true, quality: 80, dither: 0 }).toBuffer()
  return sharp(flat).webp({ lossless: true, effort: 6 }).toBuffer()
}

async function removeLeftOver(): Promise<void> {
  const drawn = new Set(publications.flatMap(picturesOf).map(({ file }) => file))
  for (const file of await readdir(folder))
    if (file.endsWith('.webp') && !drawn.has(file)) await rm(new URL(file, folder))
}

if (import.meta.main) {
  const browser = await openBrowser()
  try {
    for (const publication of publications) await draw(browser, publication)
  } finally {
    await browser.close()
  }
  await removeLeftOver()
  await writeFile(new URL('README.md', folder), galleryPage(publications))
}
