import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, expect, test } from 'vitest'
import { sampleMail, samples } from '../../support/sample-mails.ts'

const vnu = fileURLToPath(import.meta.resolve('vnu-jar/build/dist/vnu.jar'))

/** https://github.com/validator/validator/wiki/Output-»-JSON */
interface Message {
  type: 'error' | 'info' | 'non-document-error'
  /** file: URL */
  url: string
  lastLine?: number
  message: string
  extract?: string
}

/** What the HTML of a page need not have and the HTML of a mail does; all else that the validator says is a fault. */
const allowed: { message: RegExp; extract?: RegExp; because: string }[] = [
  {
    message:
      /^The “(align|bgcolor|border|cellpadding|cellspacing|valign|width)” attribute on the “(table|td|th)” element is obsolete\./,
    because: 'Outlook lays out with Word, which reads these and not their CSS',
  },
  {
    message: /^Attribute “xmlns:[vo]” not allowed here\.$/,
    because: 'Outlook needs them for its own drawings and settings; MJML writes them',
  },
  {
    message: /^CSS: “mso-[a-z-]+”: Property “mso-[a-z-]+” doesn't exist\.$/,
    because: 'properties of Outlook: the gaps that it puts between tables',
  },
  {
    message: /^CSS: “supported-color-schemes”: Property “supported-color-schemes” doesn't exist\.$/,
    because: 'the name under which older Apple Mail knows color-scheme',
  },
  {
    message: /^The “type” attribute for the “style” element is not needed and should be omitted\.$/,
    because: 'some web mails drop a style element without it; MJML writes it',
  },
  {
    message: /^The “list” role is unnecessary for element “ul”\.$/,
    because: 'VoiceOver takes a list without bullets for no list unless it says so',
  },
  {
    message:
      /^(Element “a” is missing required attribute “href”\.|The “name” attribute (is never allowed|on the “a” element is obsolete).*)$/,
    extract: /<a name="[^"]+"[^>]*><\/a>/,
    because: 'web mails drop ids, and Outlook knows no other target of a link within the mail',
  },
]

let folder: string
let messages: Message[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pregonero-html-'))
  const paths = await Promise.all(
    samples.map(async (sample) => {
      const path = join(folder, `${sample.name}.html`)
      await writeFile(path, (await sampleMail(sample)).html)
      return path
    }),
  )
  // one Java for them all: starting it is what takes long
  const { stdout } = await promisify(execFile)(
    'java',
    ['-jar', vnu, '--format', 'json', '--stdout', '--exit-zero-always', ...paths],
    { maxBuffer: 100_000_000 },
  )
  messages = (JSON.parse(stdout) as { messages: Message[] }).messages
  return () => rm(folder, { recursive: true })
}, 120_000)

test.each(samples.map(({ name }) => name))(
  '%s is valid HTML, but for what mail programs need',
  (name) => {
    const faults = messages
      .filter(({ url }) => basename(url) === `${name}.html`)
      .filter((one) => !allowed.some((exception) => covers(exception, one)))
    expect(faults.map(asLine)).toEqual([])
  },
)

test.each(allowed.map((exception) => [exception.because, exception] as const))(
  'the exception is still needed: %s',
  (_, exception) => {
    expect(messages.some((one) => covers(exception, one))).toBe(true)
  },
)

const covers = ({ message, extract }: (typeof allowed)[number], one: Message): boolean =>
  message.test(one.message) && (extract === undefined || extract.test(one.extract ?? ''))

const asLine = ({ type, lastLine, message, extract }: Message): string =>
  `${type}, line ${lastLine ?? '?'}: ${message} ${extract ?? ''}`
