import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { publications } from '../../jobs/index.ts'
import { sampleMail } from '../support/sample-mails.ts'

test.each(publications.map((publication) => [publication.slug, publication] as const))(
  'the sample of %s reads to the letter as it was last approved',
  async (slug, publication) => {
    const { html, plainText, rendering } = await sampleMail(publication)
    await expect(withoutHashes(html)).toMatchFileSnapshot(`golden/${slug}.html`)
    await expect(plainText).toMatchFileSnapshot(`golden/${slug}.txt`)
    for (const { contentType, content } of rendering.attachments)
      if (contentType.startsWith('text/calendar'))
        await expect(String(content)).toMatchFileSnapshot(`golden/${slug}.ics`)
  },
)

test('no golden file is of a publication that is gone', () => {
  const slugs = publications.map(({ slug }) => slug)
  const files = readdirSync(new URL('golden/', import.meta.url))
  expect(files.filter((file) => !slugs.includes(file.replace(/\.[a-z]+$/, '')))).toEqual([])
})

/** Two versions of sharp may draw the same image in other bytes: its name here is its place in the mail. */
function withoutHashes(html: string): string {
  const hashes = [...new Set(html.match(/\b[0-9a-f]{64}\b/g))]
  return html.replace(/\b[0-9a-f]{64}\b/g, (hash) => `image-${hashes.indexOf(hash) + 1}`)
}
