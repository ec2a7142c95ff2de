/** `pregonero invite`, `edition preview` and `send-test`: mailings as their readers will see them. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { findEdition, type Edition } from '../editions/editions.ts'
import { Problem, shown } from '../errors.ts'
import { anybodysPage, titleOf, type Engine } from '../flow/engine.ts'
import { invite } from '../flow/invite.ts'
import { renderDraft } from '../flow/mark-ready.ts'
import { sendTest } from '../flow/send-test.ts'
import { withImagesInside } from '../render/files.ts'
import { fillSlots, slotValues } from '../render/slots.ts'
import { readContentFile } from './content.ts'
import {
  answer,
  asOption,
  confirmRepeatOption,
  examples,
  jsonOption,
  print,
  shortTime,
  wholeNumber,
  withApp,
  withUser,
} from './session.ts'

const id = wholeNumber('ID')

/** `edition`: the command that `preview` belongs to. */
export function addMailingCommands(program: Command, edition: Command): void {
  examples(
    program
      .command('invite <file>')
      .description(
        'queue an ad-hoc mailing at the hour that its file says; a second person approves it',
      )
      .option(...confirmRepeatOption)
      .requiredOption(...asOption)
      .option(...jsonOption)
      .action(
        async (file: string, options: { as: string; confirmRepeat?: boolean; json?: boolean }) => {
          await withUser(options.as, async ({ engine }, user) => {
            const { edition: queued, warnings } = await invite(
              engine,
              user,
              await readContentFile(file),
              options,
            )
            for (const warning of warnings) process.stderr.write(`Aviso: ${warning}\n`)
            answer(
              options.json,
              queued,
              () =>
                `${titleOf(engine, queued)}: edición ${queued.id}, ${queued.expectedRecipients} direcciones, sale ${shortTime(queued.nominalAt)}.\n` +
                `Sello ${queued.sealedHash?.slice(0, 12)}. Véala con edition preview ${queued.id} o send-test ${queued.id} --as ${user.login};\n` +
                `otra persona la aprueba con edition approve ${queued.id} --seal ${queued.sealedHash?.slice(0, 12)} --as CLAVE`,
            )
          })
        },
      ),
    'invite invitacion.yaml --as ana',
  )

  examples(
    edition
      .command('preview <id>')
      .description('render it as it stands, numbered or not, into HTML and text files')
      .option('--out <folder>', 'where', '.pregonero/previews')
      .action(async (text: string, { out }: { out: string }) => {
        await withApp(async ({ engine, db }) => {
          const found = await findEdition(db, id(text))
          const paths = await writePreview(engine, found, out)
          print(paths.join('\n'))
        })
      }),
    'edition preview 12 --out /tmp',
  )

  examples(
    program
      .command('send-test <id>')
      .description('send an edition to your own address, marked [PRUEBA]; never counted')
      .requiredOption(...asOption)
      .action(async (text: string, options: { as: string }) => {
        await withUser(options.as, async ({ engine, db, outbox }, user) => {
          const result = await sendTest(engine, user, await findEdition(db, id(text)))
          if (result.outcome !== 'accepted') {
            throw new Problem('unavailable', {
              place: user.email,
              message: 'la prueba no fue aceptada',
              value: shown(result.smtpText),
              remedy: 'Revise la dirección y el relay del remitente',
            })
          }
          print(
            `Prueba aceptada por el servidor: ${user.email}${outbox ? ` (buzón local: ${outbox.folder})` : ''}`,
          )
        })
      }),
    'send-test 12 --as ana',
  )
}

/** Writes `<publication>-<period>.html` and `.txt` with the slots of a sample reader; returns their paths. */
export async function writePreview(
  engine: Engine,
  edition: Edition,
  folder: string,
): Promise<string[]> {
  const rendering = await renderDraft(engine, edition)
  const values = slotValues({ name: 'Ana Ejemplo', leaveUrl: anybodysPage(engine) })
  await mkdir(folder, { recursive: true })
  const base = join(folder, `${edition.publication}-${edition.period}`)
  const mail = fillSlots(rendering, values)
  await writeFile(`${base}.html`, withImagesInside(mail.html, rendering.attachments))
  await writeFile(`${base}.txt`, mail.plainText)
  for (const warning of rendering.warnings) process.stderr.write(`Aviso: ${warning}\n`)
  return [`${base}.html`, `${base}.txt`]
}
