/** `pregonero content`: what an edition says. */
import { dirname } from 'node:path'
import type { Command } from 'commander'
import { publications } from '../app.ts'
import { filesIn } from '../content/files.ts'
import { checkContent } from '../content/check.ts'
import { Problem } from '../errors.ts'
import { addContent, type ContentFile } from '../flow/add-content.ts'
import { titleOf } from '../flow/engine.ts'
import { readText } from './contacts.ts'
import { answer, asOption, examples, jsonOption, print, shortTime, withUser } from './session.ts'

export function addContentCommands(program: Command): void {
  const content = examples(
    program.command('content').description('the content of editions (YAML or JSON)'),
    'content check boletin.yaml',
  )

  examples(
    content
      .command('check <file>')
      .description(
        'say everything that is wrong with a file; changes nothing and needs no database',
      )
      .action(async (file: string) => {
        const checked = checkContent(await readText(file), file, publications)
        if (!checked.ok) throw new Problem('invalid', checked.faults)
        print(`${file}: contenido válido de ${checked.content.publication.name}.`)
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

/** With the images and attachments that lie beside it; from standard input, those of the working directory. */
export async function readContentFile(file: string): Promise<ContentFile> {
  return { text: await readText(file), place: file, readFile: filesIn(dirname(file)) }
}
