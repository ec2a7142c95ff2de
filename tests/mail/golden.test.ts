import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sampleMail, samples } from '../support/sample-mails.ts'

test.each(samples.map((sample) => [sample.name, sample] as const))(
  'the sample %s reads to the letter as it was last approved',
  async (name, sample) => {
    const { html, plainText, rendering } = await sampleMail(sample)
    await expect(withoutHashes(html)).toMatchFileSnapshot(`golden/${name}.html`)
    await expect(plainText).toMatchFileSnapshot(`golden/${name}.txt`)
    for (const { contentType, content } of rendering.attachments)
      if (contentType.startsWith('text/calendar'))
        await expect(String(content)).toMatchFileSnapshot(`golden/${name}.ics`)
  },
)

test('no golden file is of a sample that is gone', () => {
  const names = samples.map(({ name }) => name)
  const files = readdirSync(new URL('golden/', import.meta.url))
  expect(files.filter((file) => !names.includes(file.replace(/\.[a-z]+$/, '')))).toEqual([])
})

/** Two versions of sharp may draw the same image in other bytes: its name here is its place in the mail. */
function withoutHashes(html: string): string {
  const hashes = [...new Set(html.match(/\b[0-9a-f]{64}\b/g))]
  return html.replace(/\b[0-9a-f]{64}\b/g, (hash) => `image-${hashes.indexOf(hash) + 1}`)
}
