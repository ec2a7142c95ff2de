/** Fourth step: to whom, with exact numbers of the people as they are now. */
import { html } from 'hono/html'
import { countAudience, type AudienceCount } from '../../../audience/audience.ts'
import { listsOf } from '../../../audience/lists.ts'
import { requestBody } from '../../../content/answers.ts'
import type { Draft } from '../../../content/drafts.ts'
import { audienceOfRequest } from '../../../flow/request-check.ts'
import type { AudienceDefinition, Publication } from '../../../publication.ts'
import { suppressionReasonNames, type SuppressionReason } from '../../../states.ts'
import type { Html } from '../../env.ts'
import { facts } from '../../page.ts'
import { counted } from '../audiences/parts.ts'
import type { PanelRequest } from '../route.ts'
import { choices, line, type Written } from './controls.ts'
import { fieldsOfStep } from './steps.ts'
import { listsOffered } from './summary.ts'

/** `draft`: with the answers that are shown. */
export async function audienceForm(
  { engine }: PanelRequest,
  publication: Publication,
  draft: Draft,
  written: Written,
): Promise<Html> {
  const { lists } = await listsOf(engine.db, { lists: listsOffered(publication) })
  const chosen = Array.isArray(written.answers.audiencia)
    ? written.answers.audiencia
    : lists.map(({ slug }) => slug)
  const count = countOnce(engine)
  const [alone, reached] = await Promise.all([
    Promise.all(lists.map(({ slug }) => count({ lists: [slug] }))),
    reach(engine, count, publication, withLists(draft, chosen)),
  ])
  const hasSegment = fieldsOfStep(publication, 'audiencia').some(({ name }) => name === 'segmento')
  return html`${choices(written, 'audiencia', {
      legend: 'A qué listas se envía',
      type: 'checkbox',
      options: lists.map(({ slug, name }, i) => ({
        value: slug,
        name: `${name}: ${addresses(alone[i]!.recipients)}`,
        isOn: chosen.includes(slug),
      })),
    })}
    ${
      hasSegment &&
      html`<fieldset>
        <legend>Solo una parte de esas listas (opcional)</legend>
        <div>
          ${line(written, 'segmento.paises', {
            isOptional: true,
            hint: 'Nombres o claves, separados por comas: Estados Unidos, CA.',
          })}
          ${line(written, 'segmento.etiquetas', {
            isOptional: true,
            hint: 'Separadas por comas; basta una de ellas: taller-2026.',
          })}
        </div>
      </fieldset>`
    }
    ${reached}
    <p>
      <button name="accion" value="comprobar" class="second slim">Guardar y contar</button>
    </p>`
}

/** Of a mail that does not say yet, all that it may go to. */
function withLists(draft: Draft, audiencia: unknown[]): Draft {
  const { saved, answers } = requestBody(draft.body)
  return { ...draft, body: { saved, answers: { ...answers, audiencia } } }
}

type Count = (audience: AudienceDefinition) => Promise<AudienceCount>

/** Counting a large list takes a while: the same audience is counted once for all that the page says of it. */
function countOnce({ db }: PanelRequest['engine']): Count {
  const counts = new Map<string, Promise<AudienceCount>>()
  return ({ lists, countries = [], tags = [] }) => {
    const key = JSON.stringify([lists, countries, tags])
    const counting = counts.get(key) ?? countAudience(db, { lists, countries, tags })
    counts.set(key, counting)
    return counting
  }
}

async function reach(
  engine: PanelRequest['engine'],
  count: Count,
  publication: Publication,
  draft: Draft,
): Promise<Html> {
  const audience = await audienceOfRequest(engine, publication, draft)
  if (!audience) return html``
  const all = await count(audience)
  const each = await Promise.all(
    audience.lists.map((slug) => count({ ...audience, lists: [slug] })),
  )
  const repeated = each.reduce((sum, one) => sum + listed(one), 0) - listed(all)
  return html`<section aria-labelledby="alcance">
    <h2 id="alcance">A cuántas direcciones llega</h2>
    ${facts({
      'Se envía a': addresses(all.recipients),
      ...Object.fromEntries(
        Object.entries(all.excluded).map(([reason, sum]) => [
          `Excluidas: ${suppressionReasonNames[reason as SuppressionReason]}`,
          addresses(sum),
        ]),
      ),
      ...(all.left > 0 && { 'Ya dejaron sus listas': addresses(all.left) }),
      ...(repeated > 0 && { 'Están en varias listas y lo reciben una vez': addresses(repeated) }),
    })}
    ${
      all.recipients === 0 &&
      html`<p>
        <span aria-hidden="true">▲</span> No llega a ninguna dirección: así no podrá solicitarse.
      </p>`
    }
    <p class="hint">Son las de este momento; las definitivas se fijan a la hora de salida.</p>
  </section>`
}

const listed = ({ recipients, excluded }: AudienceCount): number =>
  recipients + Object.values(excluded).reduce((sum, one) => sum + one, 0)

export const addresses = (sum: number): string => counted(sum, 'dirección', 'direcciones')
