/** Chromium as the program of a reader: it gets the mail and the images that we serve, and nothing else. */
import { chromium, type Browser, type Page, type Route } from 'playwright-core'
import { frozenImages } from '../../src/named-files.ts'
import { imagePath } from '../../src/render/files.ts'
import { chromiumPath } from './mail-tools.ts'
import { imagesServed, type SampleMail } from './sample-mails.ts'

export const widthsPx = [640, 360] as const
export const schemes = ['light', 'dark'] as const
export type Scheme = (typeof schemes)[number]

export interface OpenMail {
  page: Page
  /** Addresses that the mail asked for and that are not its images. */
  refused: string[]
  show(widthPx: number, scheme: Scheme): Promise<void>
}

export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath,
    args: ['--no-sandbox', '--disable-gpu', '--hide-scrollbars'],
  })
}

/** With its images loaded. */
export async function openMail(browser: Browser, mail: SampleMail): Promise<OpenMail> {
  const page = await browser.newPage()
  const images = servedImages(mail)
  const refused: string[] = []
  await page.route('**/*', async (route: Route) => {
    const image = images.get(route.request().url())
    if (image) return route.fulfill({ body: image.bytes, contentType: image.contentType })
    refused.push(route.request().url())
    return route.abort()
  })
  await page.setContent(mail.html, { waitUntil: 'load' })
  return {
    page,
    refused,
    show: async (width, colorScheme) => {
      await page.setViewportSize({ width, height: 800 })
      await page.emulateMedia({ colorScheme })
    },
  }
}

function servedImages({ body, files }: SampleMail) {
  return new Map(
    frozenImages(body).map((image) => [
      new URL(imagePath(image), imagesServed).href,
      files.get(image.sha256)!,
    ]),
  )
}
