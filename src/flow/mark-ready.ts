/** The author says that the content is whole: it is numbered, rendered, archived and sealed. What leaves is exactly this. */
import { audienceFaults, countRecipients, externalLists } from '../audience/audience.ts'
import { inMexicoCity } from '../clock.ts'
import { readContent } from '../content/content.ts'
import { readFiles, storeFiles, type StoredFile } from '../content/files.ts'
import { inTransaction } from '../db/database.ts'
import { archiveRendering } from '../editions/archive.ts'
import {
  assignIssueNumber,
  factsOf,
  findEdition,
  lockEdition,
  orThrow,
  transition,
  type Edition,
} from '../editions/editions.ts'
import { permits, refusal } from '../editions/machine.ts'
import { repeatedMailing } from '../editions/repeats.ts'
import { sealOf } from '../editions/seal.ts'
import { Problem } from '../errors.ts'
import { sha256Hex } from '../hash.ts'
import type { Attachment } from '../mail.ts'
import { audit } from '../people/audit.ts'
import { authorize, type User } from '../people/users.ts'
import { audienceOf, type AudienceDefinition, type Publication } from '../publication.ts'
import { renderEdition, type Rendering } from '../render/render.ts'
import { requirePublication, sampleMayLeave, type Engine } from './engine.ts'
import { wakePlanner } from './wake-planner.ts'

/** Throws a Problem when it may not: sample content, an empty audience, a repeated mailing that was not confirmed. */
export async function markReady(
  engine: Engine,
  user: User,
  editionId: number,
  options: { confirmRepeat?: boolean } = {},
): Promise<{ edition: Edition; warnings: string[] }> {
  authorize(user, 'edition.ready')
  const { db } = engine
  const at = engine.clock.now()
  const numbered = await inTransaction(db, async (tx) => {
    const edition = await lockEdition(tx, editionId)
    const publication = requirePublication(engine, edition.publication)
    if (!permits('ready', edition.state)) throw new Problem('refused', refusal('ready', edition))
    await readContent(tx, edition)
    // a correction has the number of what it corrects
    if (publication.numbering === 'yearly' && edition.revision === 0)
      await assignIssueNumber(tx, edition, inMexicoCity(edition.nominalAt).year)
    return findEdition(tx, editionId)
  })
  const publication = requirePublication(engine, numbered.publication)
  const content = await readContent(db, numbered)
  refuseSample(engine, content.isSample, editionId)
  const audience = audienceOf(publication, content.body)
  await refuseOtherReaders(engine, numbered, audience)
  const recipients = await countAudience(engine, audience)
  // outside any transaction: it takes about a second
  const rendering = await render(engine, publication, content.body, numbered)
  const repeats = await repeatedMailing(db, numbered, audience, rendering)
  if (repeats && !options.confirmRepeat) throw new Problem('refused', repeats)
  const sealedHash = sealOf({
    contentSha256: content.sha256,
    ...rendering,
    senderFrom: engine.config.senders[publication.sender].from.address,
    audience,
    nominalAt: numbered.nominalAt,
  })
  const edition = await inTransaction(db, async (tx) => {
    const current = await lockEdition(tx, editionId)
    if (
      current.contentId !== numbered.contentId ||
      current.issueNumber !== numbered.issueNumber ||
      current.nominalAt.getTime() !== numbered.nominalAt.getTime()
    ) {
      throw new Problem('refused', {
        place: `edición ${editionId}`,
        message: 'cambió mientras se marcaba como lista',
        remedy: 'Revise el contenido y márquela de nuevo',
      })
    }
    const ready = orThrow(
      await transition(tx, current, 'ready', {
        sealedHash,
        audience: JSON.stringify(audience),
        expectedRecipients: recipients,
        readyBy: user.id,
        readyAt: at,
        approvedBy: null,
        approvedAt: null,
      }),
    )
    await storeFiles(tx, rendering.attachments.map(asStored), at)
    await archiveRendering(tx, { editionId, sealedHash }, rendering, at)
    await audit(tx, {
      at,
      user,
      act: 'ready',
      subject: `edition ${editionId}`,
      detail: { sealedHash, recipients, ...(repeats && { repeatConfirmed: repeats.message }) },
    })
    return ready
  })
  await wakePlanner(engine)
  return { edition, warnings: rendering.warnings }
}

/** Renders what would be sent, for previews and tests; changes nothing. Throws a Problem when it cannot be rendered. */
export async function renderDraft(engine: Engine, edition: Edition): Promise<Rendering> {
  const publication = requirePublication(engine, edition.publication)
  const content = await readContent(engine.db, edition)
  return render(engine, publication, content.body, edition)
}

function refuseSample(engine: Engine, isSample: boolean, editionId: number): void {
  if (!isSample || sampleMayLeave(engine)) return
  throw new Problem('refused', {
    place: `edición ${editionId}`,
    message: 'es contenido de muestra, que no puede salir de este sistema',
    value: 'muestra: true',
    remedy: 'Agregue el contenido verdadero, con muestra: false o sin esa línea',
  })
}

/** A correction goes to those who have what it corrects, and to nobody else. */
async function refuseOtherReaders(
  engine: Engine,
  { publication, period, revision, id }: Edition,
  audience: AudienceDefinition,
): Promise<void> {
  if (revision === 0) return
  const corrected = await engine.db
    .selectFrom('edition')
    .select('audience')
    .where('publication', '=', publication)
    .where('period', '=', period)
    .where('revision', '=', 0)
    .executeTakeFirstOrThrow()
  const lists = (corrected.audience as AudienceDefinition | null)?.lists ?? audience.lists
  if (new Set(lists).symmetricDifference(new Set(audience.lists)).size === 0) return
  throw new Problem('refused', {
    place: `edición ${id} audiencia`,
    message: `es un alcance de lo que recibió ${lists.join(', ')}, y va a otras listas`,
    value: audience.lists.join(', '),
    remedy: `Escriba audiencia: [${lists.join(', ')}]`,
  })
}

/** Citizens can leave a list with one click, or are not mailed: until that exists, no external list is. */
async function refuseExternal(engine: Engine, audience: AudienceDefinition): Promise<void> {
  const external = await externalLists(engine.db, audience)
  if (external.length === 0 || sampleMayLeave(engine)) return
  throw new Problem('refused', {
    place: 'audiencia',
    message: 'es de una lista externa, y este sistema todavía no ofrece darse de baja',
    value: external.join(', '),
    remedy: 'Espere la versión que lo ofrece; las listas internas sí pueden enviarse',
  })
}

async function countAudience(engine: Engine, audience: AudienceDefinition): Promise<number> {
  const { db } = engine
  const faults = await audienceFaults(db, audience)
  if (faults.length > 0) throw new Problem('refused', faults)
  await refuseExternal(engine, audience)
  const recipients = await countRecipients(db, audience)
  if (recipients > 0) return recipients
  throw new Problem('refused', {
    place: 'audiencia',
    message: 'no tiene ninguna dirección',
    value: audience.lists.join(', '),
    remedy: 'Importe los contactos: `pregonero contacts import ARCHIVO.csv --as CLAVE`',
  })
}

const asStored = ({ content, contentType }: Attachment): StoredFile => ({
  sha256: sha256Hex(content),
  contentType,
  bytes: Buffer.from(content),
})

async function render(
  engine: Engine,
  publication: Publication,
  body: { muestra: boolean },
  edition: Edition,
): Promise<Rendering> {
  const { mailDomain, publicUrl } = engine.config
  const files = await readFiles(engine.db, body)
  const result = await renderEdition(publication, body, factsOf(edition), {
    mailDomain,
    publicUrl,
    files,
  })
  if (!result.ok) throw new Problem('invalid', result.faults)
  return result.rendering
}
