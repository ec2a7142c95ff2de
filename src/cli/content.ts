/** `pregonero content`: what an edition says. */
import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import { publications } from '../app.ts'
import { systemClock } from '../clock.ts'
import { checkContent } from '../content/check.ts'
import { contentSchema, exampleOf, schemaName } from '../content/example.ts'
import { filesIn, prepareFiles, type StoredFile } from '../content/files.ts'
import { samplesFolder } from '../content/sample.ts'
import { weekdayFaults } from '../content/weekday-check.ts'
import { messageOf, Problem, type Fault } from '../errors.ts'
import { addContent, type ContentFile } from '../flow/add-content.ts'
import { requirePublication, titleOf } from '../flow/engine.ts'
import type { Publication } from '../publication.ts'
import { renderEdition } from '../render/render.ts'
import { institutionalCalendar } from '../schedule/institutional-calendar.ts'
import { plannedSlots } from '../schedule/planned-slots.ts'
import { ownRestDays } from '../schedule/rest-days-file.ts'
import { readText } from './contacts.ts'
import { answer, asOption, examples, jsonOption, print, shortTime, withUser } from './session.ts'

export function addContentCommands(program: Command): void {
  const content = examples(
    program.command('content').description('the content of editions (YAML or JSON)'),
    'content check boletin.yaml',
  )

  examples(
    content
      .command('new <slug> [file]')
      .description(
        'write an example to fill in, with notes on every field, and the schema that editors complete from',
      )
      .action(async (slug: string, file = `${slug}.yaml`) => {
        const publication = requirePublication({ publications }, slug)
        const beside = await writeExample(publication, file)
        print(
          `${file}: ejemplo de ${publication.name}, para llenarlo. Sus primeros renglones dicen qué sigue.\n` +
            `Junto a él: ${beside.join(', ')}.`,
        )
      }),
    'content new boletin-electoral',
    'content new invitacion-red-observacion taller-de-diciembre.yaml',
  )

  examples(
    content
      .command('schema <slug>')
      .description('the JSON Schema of the content of a publication')
      .action((slug: string) => {
        const publication = requirePublication({ publications }, slug)
        print(JSON.stringify(contentSchema(publication), null, 2))
      }),
    'content schema boletin-electoral',
  )

  examples(
    content
      .command('check <file>')
      .description(
        'say everything that is wrong with a file and with those that it names; changes nothing and needs no database',
      )
      .action(async (file: string) => {
        const { text, place, readFile } = await readContentFile(file)
        const checked = checkContent(text, place, publications)
        if (!checked.ok) throw new Problem('invalid', checked.faults)
        const { publication } = checked.content
        const prepared = await prepareFiles(checked.content.body, place, readFile)
        if (!prepared.ok) throw new Problem('invalid', prepared.faults)
        for (const warning of await rehearse(publication, prepared))
          process.stderr.write(`Aviso: ${warning}\n`)
        print(`${file}: contenido válido de ${publication.name}.`)
      }),
    'content check boletin.yaml',
  )

  examples(
    content
      .command('add <file>')
      .description(
        'check a file, freeze it and give it to its edition; an edition already ready must be marked again',
      )
      .option('--period <period>', 'of which edition; without it, the next one')
      .requiredOption(...asOption)
      .option(...jsonOption)
      .action(async (file: string, options: { period?: string; as: string; json?: boolean }) => {
        await withUser(options.as, async ({ engine }, user) => {
          const edition = await addContent(
            engine,
            user,
            await readContentFile(file),
            options.period,
          )
          answer(
            options.json,
            edition,
            () =>
              `Contenido agregado a ${titleOf(engine, edition)} (edición ${edition.id}, sale ${shortTime(edition.nominalAt)}).\n` +
              `Siguiente: pregonero edition ready ${edition.id} --as ${user.login}`,
          )
        })
      }),
    'content add boletin.yaml --as ana',
    'content add boletin.yaml --period 2026-W49 --as ana',
  )
}

/** What only the finished mail shows: weekdays that are not those of their dates, and its size. Returns its warnings. */
async function rehearse(
  publication: Publication,
  { body, files }: { body: { muestra: boolean }; files: StoredFile[] },
): Promise<string[]> {
  const { at, period = 'ensayo' } = nextEdition(publication, systemClock.now())
  const nominalAt = publication.leavesAt?.(body) ?? at
  const faults = weekdayFaults(body, nominalAt)
  if (faults.length > 0) throw new Problem('invalid', faults)
  const edition = { period, revision: 0, nominalAt, issue: undefined }
  const rendered = await renderEdition(publication, body, edition, {
    mailDomain: 'ensayo.invalid',
    publicUrl: 'http://ensayo.invalid',
    files: new Map(files.map((one) => [one.sha256, one])),
  })
  if (!rendered.ok) throw new Problem('invalid', rendered.faults)
  return rendered.rendering.warnings
}

/** With the images and attachments that lie beside it; from standard input, those of the working directory. */
export async function readContentFile(
  file: string,
): Promise<Required<Pick<ContentFile, 'text' | 'place' | 'readFile'>>> {
  return { text: await readText(file), place: file, readFile: filesIn(dirname(file)) }
}

/** Returns the names of what belongs beside `path`. Throws a Problem, and writes nothing, where a file would be lost. */
async function writeExample(publication: Publication, path: string): Promise<string[]> {
  const { at, period } = nextEdition(publication, systemClock.now())
  const example = exampleOf(publication, path, at, period)
  const schema = `${JSON.stringify(contentSchema(publication), null, 2)}\n`
  const beside = [
    { name: schemaName(publication), contents: Buffer.from(schema) },
    ...(await Promise.all(
      example.fileNames.map(async (name) => ({
        name,
        contents: await readFile(new URL(name, samplesFolder)),
      })),
    )),
  ].map((file) => ({ ...file, path: join(dirname(path), file.name) }))
  const faults = (await bytesOf(path)) ? [isTaken(path)] : []
  const missing: typeof beside = []
  for (const file of beside) {
    const found = await bytesOf(file.path)
    // the schema is ours, and of today; another example in the same folder may have brought the same files
    if (!found || file.name === schemaName(publication)) missing.push(file)
    else if (!found.equals(file.contents)) faults.push(isTaken(file.path))
  }
  if (faults.length > 0) throw new Problem('refused', faults)
  for (const file of [{ path, contents: example.text }, ...missing])
    await write(file.path, file.contents)
  return beside.map(({ name }) => name)
}

/** The instant and period of the one that staff would write now. On request there is none: within a week. */
function nextEdition(publication: Publication, now: Date): { at: Date; period?: string } {
  const calendar = institutionalCalendar(ownRestDays())
  const until = new Date(now.getTime() + 200 * dayMs)
  const slot = plannedSlots(publication, calendar, now, until).find(({ omitted }) => !omitted)
  return slot
    ? { at: slot.slotAt, period: slot.period }
    : { at: new Date(now.getTime() + 7 * dayMs) }
}

const dayMs = 86_400_000

async function bytesOf(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw unwritable(path, error)
  }
}

async function write(path: string, contents: string | Buffer): Promise<void> {
  try {
    await writeFile(path, contents)
  } catch (error) {
    throw unwritable(path, error)
  }
}

const isTaken = (path: string): Fault => ({
  place: path,
  message: 'ya existe, y no se sobrescribe',
  remedy: 'Elija otro nombre u otra carpeta',
})

const unwritable = (path: string, error: unknown): Problem =>
  new Problem('usage', {
    place: path,
    message: `no se puede escribir: ${messageOf(error)}`,
    remedy: 'Elija otra carpeta, o créela',
  })
