/** The author says that the content is whole: it is numbered, rendered, archived and sealed. What leaves is exactly this. */
import { countAudience } from '../audience/audience.ts'
import { listsOf, type List } from '../audience/lists.ts'
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
import { linkTo, paths } from '../links.ts'
import {
  audienceOf,
  audienceText,
  sameAudience,
  type AudienceDefinition,
  type Publication,
} from '../publication.ts'
import { renderEdition, type Rendering } from '../render/render.ts'
import { offersLeaving } from '../render/slots.ts'
import { requirePublication, sampleMayLeave, type Engine } from './engine.ts'
import { wakePlanner } from './wake-planner.ts'

export interface ReadyOptions {
  /** Whatever it repeats, or only what is named (see Repeat). */
  confirmRepeat?: boolean | string
  /** The content that the person saw: no other is sealed. */
  contentId?: number
}

/** Throws a Problem when it may not: sample content, an empty audience, a repeated mailing that was not confirmed. */
export async function markReady(
  engine: Engine,
  user: User,
  editionId: number,
  options: ReadyOptions = {},
): Promise<{ edition: Edition; warnings: string[] }> {
  authorize(user, 'edition.ready')
  const { db } = engine
  const at = engine.clock.now()
  const numbered = await inTransaction(db, async (tx) => {
    const edition = await lockEdition(tx, editionId)
    const publication = requirePublication(engine, edition.publication)
    if (!permits('ready', edition.state)) throw new Problem('refused', refusal('ready', edition))
    await readContent(tx, edition)
    if (options.contentId !== undefined && options.contentId !== edition.contentId)
      throw otherContent(editionId)
    // a correction has the number of what it corrects
    if (publication.numbering === 'yearly' && edition.revision === 0)
      await assignIssueNumber(tx, edition, inMexicoCity(edition.nominalAt).year)
    return findEdition(tx, editionId)
  })
  const publication = requirePublication(engine, numbered.publication)
  const content = await readContent(db, numbered)
  refuseSample(engine, content.isSample, editionId)
  const readers = await readersOf(engine, publication, content.body)
  const { audience } = readers
  await refuseOtherReaders(engine, numbered, audience)
  const recipients = await countReaders(engine, audience)
  // outside any transaction: it takes about a second
  const rendering = await render(engine, publication, content.body, numbered, readers)
  refuseWithoutLeaving(readers, rendering)
  const repeats = await repeatedMailing(db, numbered, audience, rendering)
  const { confirmRepeat = false } = options
  if (repeats && confirmRepeat !== true && confirmRepeat !== repeats.repeats)
    throw new Problem('refused', repeats)
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

const otherContent = (editionId: number): Problem =>
  new Problem('refused', {
    place: `edición ${editionId}`,
    message: 'su contenido ya no es el que se le mostró: alguien lo cambió mientras tanto',
    remedy: 'Revise la vista previa de como está ahora, y márquela entonces como lista',
  })

/** Renders what would be sent, for previews and tests; changes nothing. Throws a Problem when it cannot be rendered. */
export async function renderDraft(engine: Engine, edition: Edition): Promise<Rendering> {
  const publication = requirePublication(engine, edition.publication)
  const content = await readContent(engine.db, edition)
  const readers = await readersOf(engine, publication, content.body)
  return render(engine, publication, content.body, edition, readers)
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
  const original = (corrected.audience as AudienceDefinition | null) ?? audience
  if (sameAudience(original, audience)) return
  throw new Problem('refused', {
    place: `edición ${id} audiencia`,
    message: `es un alcance de lo que recibió ${audienceText(original)}, y va a otras listas o personas`,
    value: audienceText(audience),
    remedy: `Escriba audiencia: [${original.lists.join(', ')}], y el mismo segmento si lo tiene`,
  })
}

interface Readers {
  audience: AudienceDefinition
  lists: List[]
  /** Any of the lists can be left. */
  offersLeaving: boolean
}

async function readersOf(
  { db }: Engine,
  publication: Publication,
  body: { muestra: boolean },
): Promise<Readers> {
  const audience = audienceOf(publication, body)
  const { lists, faults } = await listsOf(db, audience)
  if (faults.length > 0) throw new Problem('refused', faults)
  const offersLeaving =
    publication.offersLeaving === true || lists.some((list) => list.kind === 'external')
  return { audience, lists, offersLeaving }
}

async function countReaders({ db }: Engine, audience: AudienceDefinition): Promise<number> {
  const { recipients, excluded } = await countAudience(db, audience)
  if (recipients > 0) return recipients
  const isSuppressed = Object.keys(excluded).length > 0
  throw new Problem('refused', {
    place: 'audiencia',
    message: isSuppressed
      ? 'no tiene ninguna dirección a la que se pueda escribir: todas están excluidas'
      : 'no tiene ninguna dirección',
    value: audienceText(audience),
    remedy: 'Importe los contactos: `pregonero contacts import ARCHIVO --as CLAVE`',
  })
}

/** Citizens can leave a list with one click, or are not mailed. */
function refuseWithoutLeaving({ lists }: Readers, rendering: Rendering): void {
  const external = lists.filter((list) => list.kind === 'external').map((list) => list.slug)
  if (external.length === 0 || offersLeaving(rendering)) return
  throw new Problem('refused', {
    place: 'plantilla',
    message: 'es de una lista externa y el correo no dice cómo darse de baja',
    value: external.join(', '),
    remedy:
      'La plantilla debe incluir {{> baja}} en el HTML y en el texto: la página común lo hace',
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
  { lists, offersLeaving: offers }: Readers,
): Promise<Rendering> {
  const { mailDomain, publicUrl } = engine.config
  const files = await readFiles(engine.db, body)
  const result = await renderEdition(publication, body, factsOf(edition), {
    mailDomain,
    publicUrl,
    files,
    offersLeaving: offers,
    lists: lists.map((list) => list.name),
    ...(publication.isPublic && { onlineUrl: linkTo(publicUrl, paths.edition(edition)) }),
  })
  if (!result.ok) throw new Problem('invalid', result.faults)
  return result.rendering
}
