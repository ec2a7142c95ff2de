/** One edition: what it says, who sealed and approved it, what became of it, and the acts that are possible now. */
import { html } from 'hono/html'
import type { Edition } from '../../../editions/editions.ts'
import { contentWriters } from '../../../editions/waiting.ts'
import type { Problem } from '../../../errors.ts'
import { titleOf } from '../../../flow/engine.ts'
import { audienceInWords } from '../../../flow/earlier-versions.ts'
import { longTime } from '../../../flow/hold.ts'
import { suppressedByReason, totalsOf } from '../../../ledger/totals.ts'
import { may, namesOf } from '../../../people/users.ts'
import type { AudienceDefinition } from '../../../publication.ts'
import {
  deliveryStateNames,
  deliveryStates,
  editionStateNames,
  recipientsOf,
  suppressionReasonNames,
  type SuppressionReason,
} from '../../../states.ts'
import type { Html } from '../../env.ts'
import { errorSummary } from '../../form.ts'
import { facts } from '../../page.ts'
import { count } from '../audiences/parts.ts'
import { prunedNote } from '../dispatches/pruned.ts'
import { differences } from './difference.ts'
import { editionForms, type CameBack } from './forms.ts'
import { isOnItsWay } from './fragment.ts'
import { checksBox, checksOf, frame, mailOf, type Mail } from './preview.ts'
import { problemBox, problemStatus } from './problem.ts'
import { controlActions, progressSection } from './progress.ts'
import { saidOf, type People } from './said.ts'
import { readTrail, trailSection, voidedApproval } from './trail.ts'
import { showPanel } from '../page.ts'
import { panelPaths, type PanelRequest } from '../route.ts'

const nothingBack: CameBack = { values: {}, errors: {} }

/** `back`: a form that could not be accepted. `problem`: why an act was refused. */
export async function editionPage(
  request: PanelRequest,
  edition: Edition,
  { back = nothingBack, problem }: { back?: CameBack; problem?: Problem } = {},
): Promise<Response> {
  const { engine } = request
  const hasErrors = Object.keys(back.errors).length > 0
  const people = await peopleOf(request, edition)
  const mail = edition.sealedHash === null ? undefined : await mailOf(engine, request.user, edition)
  const trail = await readTrail(request, edition)
  const status = problem ? problemStatus[problem.kind] : hasErrors ? 422 : 200
  return showPanel(
    request,
    { title: titleOf(engine, edition), hasErrors: hasErrors || problem !== undefined, status },
    html`${hasErrors && errorSummary(back.errors)} ${problem && problemBox(problem)}
      ${await saidOf(request, edition, people)}
      <p class="lead">
        <strong>${editionStateNames[edition.state]}</strong
        >${edition.stateReason && html`: ${edition.stateReason}`}
      </p>
      ${isOnItsWay(edition) && (await progressSection(request, edition))}
      ${voidedApproval(edition, trail)} ${await sealedFacts(request, edition, { people, mail })}
      ${await checksBefore(request, edition, mail)} ${await outcomes(request, edition)}
      ${!isOnItsWay(edition) && (await progressSection(request, edition))}
      ${await editionForms(request, edition, back)} ${controlActions(request, edition)}
      ${isDecided(request, edition) && (await differences(request, edition))}
      ${mailSection(request, edition)} ${trailSection(trail)}`,
  )
}

async function sealedFacts(
  { engine }: PanelRequest,
  edition: Edition,
  { people, mail }: { people: People; mail: Mail | undefined },
): Promise<Html> {
  const { sealedHash, readyBy, readyAt, approvedBy, approvedAt } = edition
  const writers = contentWriters(edition)
  const audience = edition.audience as AudienceDefinition | null
  const personAt = (id: number | null, at: Date | null) =>
    `${people.get(id) ?? ''}${at ? `, ${longTime(at)}` : ''}`
  return facts({
    [leavesWord(edition)]: longTime(edition.releasedAt ?? edition.nominalAt),
    ...(mail && { Asunto: mail.subject }),
    ...(audience && { Audiencia: await audienceInWords(engine, audience) }),
    ...(edition.expectedRecipients !== null && { Direcciones: count(edition.expectedRecipients) }),
    ...(writers.length > 0 && { Redacción: writers.map((id) => people.get(id)).join(', ') }),
    ...(readyBy !== null && { 'La marcó como lista': personAt(readyBy, readyAt) }),
    ...(approvedBy !== null && { 'La aprobó': personAt(approvedBy, approvedAt) }),
    ...(sealedHash !== null && { Sello: sealedHash.slice(0, 8) }),
  })
}

function leavesWord({ releasedAt, state }: Edition): string {
  if (releasedAt) return 'Salió'
  return ['cancelled', 'omitted'].includes(state) ? 'Debía salir' : 'Sale'
}

async function peopleOf({ engine }: PanelRequest, edition: Edition): Promise<People> {
  const { readyBy, approvedBy } = edition
  const ids = [...contentWriters(edition), readyBy, approvedBy].filter((id) => id !== null)
  return namesOf(engine.db, ids)
}

async function outcomes({ c, engine }: PanelRequest, edition: Edition): Promise<Html> {
  const { id, leftOut } = edition
  const totals = await totalsOf(engine.db, id)
  if (recipientsOf(totals) === 0) return html``
  const suppressed = Object.entries(await suppressedByReason(engine.db, id)) as [
    SuppressionReason,
    number,
  ][]
  const sums = [
    // what moves is told below, as it goes
    ...deliveryStates
      .filter((state) => totals[state] > 0 && !isOnItsWay(edition))
      .map((state) => [deliveryStateNames[state], totals[state]] as const),
    ...suppressed.map(
      ([reason, sum]) => [`omitido: ${suppressionReasonNames[reason]}`, sum] as const,
    ),
    ...(leftOut ? [['habían dejado sus listas', leftOut] as const] : []),
  ]
  return html`<section>
    <h2>Envío</h2>
    ${sums.length > 0 && facts(Object.fromEntries(sums.map(([name, sum]) => [name, count(sum)])))}
    ${
      edition.prunedAt === null
        ? html`<p><a href="${c.var.link(panelPaths.recipients(id))}">Ver los destinatarios</a></p>`
        : prunedNote(edition)
    }
  </section>`
}

/** Whoever decides on it sees what changed without another page. */
function isDecided({ engine, user }: PanelRequest, edition: Edition): boolean {
  const publication = engine.publications.find(({ slug }) => slug === edition.publication)
  return (
    ['ready', 'held'].includes(edition.state) &&
    edition.sealedHash !== null &&
    publication?.approval === 'second-person' &&
    may(user, 'edition.approve')
  )
}

/** Of what is sealed and can still be mended. A draft is checked in the page of its preview, where it is rendered. */
async function checksBefore(
  { engine }: PanelRequest,
  edition: Edition,
  mail: Mail | undefined,
): Promise<Html> {
  if (!mail || edition.releasedAt !== null) return html``
  return checksBox(await checksOf(engine, edition, mail))
}

function mailSection(request: PanelRequest, edition: Edition): Html {
  const { c } = request
  if (edition.contentId === null) return html`<p>Todavía no tiene contenido.</p>`
  return html`<section>
    <h2>El correo</h2>
    <p>
      <a href="${c.var.link(panelPaths.view(edition.id))}"
        >Vista previa: escritorio, móvil, texto y comprobaciones</a
      >
    </p>
    ${frame(request, edition, 'escritorio')}
  </section>`
}
