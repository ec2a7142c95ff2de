/** What was sent to one person, or to the addresses of a domain. By POST: an address must not be in a URL or a log. */
import { html } from 'hono/html'
import { formerHolder } from '../../../audience/person.ts'
import { prunedUntil } from '../../../editions/pruning.ts'
import { titleOf } from '../../../flow/engine.ts'
import { addressesOf, lookUp } from '../../../flow/person.ts'
import { deliveriesTo } from '../../../ledger/person.ts'
import { addressesOfDomain } from '../../../ledger/search.ts'
import { displayAddress, maskAddress, normalizeAddress } from '../../../mail.ts'
import { audit } from '../../../people/audit.ts'
import { may } from '../../../people/users.ts'
import { deliveryStateNames } from '../../../states.ts'
import type { Html } from '../../env.ts'
import { errorSummary, readForm, textField, textOf, type FormErrors } from '../../form.ts'
import { reasonText, scrolling, shortMoment, totalsInWords } from './parts.ts'
import { prunedBeforeNote } from './pruned.ts'
import { showPanel } from '../page.ts'
import { panelPaths, type PanelRequest } from '../route.ts'

const fieldId = 'destinatario'
const mostShown = 500
const domain = { limit: 1_001, shown: 100 }

export const personPage = (request: PanelRequest): Promise<Response> => page(request, '')

export async function personSearch(request: PanelRequest): Promise<Response> {
  const text = textOf(await readForm(request.c), fieldId)
  const wanted = readWanted(text)
  if ('error' in wanted) return page(request, text, { [fieldId]: wanted.error })
  const content =
    'domain' in wanted
      ? await ofDomain(request, wanted.domain)
      : await ofAddress(request, wanted.address)
  return page(request, text, {}, content)
}

/** An address, or a domain with its @ or without it. */
function readWanted(text: string): { address: string } | { domain: string } | { error: string } {
  if (text === '') return { error: 'Escriba una dirección de correo o un dominio' }
  const at = text.indexOf('@')
  if (at > 0) {
    const normal = normalizeAddress(text)
    if ('address' in normal) return normal
    return { error: `La dirección ${normal.reason}: escríbala como persona@example.org` }
  }
  const normal = normalizeAddress(`x@${text.slice(at + 1)}`)
  if ('address' in normal) return { domain: normal.address.slice(2) }
  return { error: 'No es una dirección ni un dominio: escriba persona@example.org, o example.org' }
}

function page(
  request: PanelRequest,
  value: string,
  errors: FormErrors = {},
  content: Html = html``,
): Promise<Response> {
  const { c } = request
  const hasErrors = Object.keys(errors).length > 0
  return showPanel(
    request,
    { title: 'Envíos a una persona', hasErrors, ...(hasErrors && { status: 422 }) },
    html`${hasErrors && errorSummary(errors)}
      <form method="post" action="${c.var.link(panelPaths.dispatchesTo)}">
        ${textField({
          id: fieldId,
          name: fieldId,
          label: 'Dirección de correo o dominio',
          hint: 'La búsqueda de una persona queda registrada a nombre de quien la hace. De un dominio, como example.org, las direcciones se muestran incompletas.',
          type: 'text',
          value,
          autocomplete: 'off',
          maxLength: 254,
          error: errors[fieldId],
        })}
        <button>Buscar</button>
      </form>
      ${content}
      <p><a href="${c.var.link(panelPaths.dispatches)}">Volver al registro de envíos</a></p>`,
  )
}

/** Every look is written down before anything is shown; also that at the person whose address it was. */
async function ofAddress(request: PanelRequest, address: string): Promise<Html> {
  const { c, engine, user } = request
  const permission = may(user, 'person.see') ? 'person.see' : 'addresses.see'
  const look = (who: string) => lookUp(engine, user, who, 'deliveries.search', permission)
  let sought = await look(address)
  const former = sought.contact ? undefined : await formerHolder(engine.db, address)
  if (former !== undefined) sought = await look(String(former))
  const recipient = {
    contactId: sought.contact?.id,
    addresses: await addressesOf(engine.db, sought),
  }
  const all = await deliveriesTo(engine.db, recipient)
  if (all.length === 0) {
    return html`<section>
      <h2>Sin envíos</h2>
      <p>
        No hay envíos a ${displayAddress(address)}. Revise cómo está escrita, o busque solo su
        dominio.
      </p>
      ${prunedBeforeNote(await prunedUntil(engine.db))}
    </section>`
  }
  const rows = all.slice(0, mostShown)
  return html`<section>
    <h2>${all.length === 1 ? '1 envío' : `${all.length.toLocaleString('es-MX')} envíos`}</h2>
    ${
      former !== undefined &&
      html`<p>Quien tuvo esa dirección hoy tiene otra: son los envíos a todas las suyas.</p>`
    }
    ${all.length > rows.length && html`<p>Se muestran los ${mostShown} más recientes.</p>`}
    ${scrolling(
      `Envíos a ${displayAddress(address)}, del más reciente al más antiguo`,
      ['Edición', 'Dirección', 'Estado', 'Motivo', 'Cuándo'],
      rows.map((row) => [
        html`<a href="${c.var.link(panelPaths.edition(row.editionId))}"
          >${titleOf(engine, row)}</a
        >`,
        displayAddress(row.address),
        deliveryStateNames[row.state],
        reasonText(row),
        shortMoment(row.updatedAt),
      ]),
    )}
    ${prunedBeforeNote(await prunedUntil(engine.db))}
  </section>`
}

async function ofDomain({ engine, user }: PanelRequest, name: string): Promise<Html> {
  const { found, addresses } = await addressesOfDomain(engine.db, name, domain)
  const shownName = displayAddress(`@${name}`).slice(1)
  await audit(engine.db, {
    at: engine.clock.now(),
    user,
    act: 'deliveries.search',
    subject: 'domain',
    detail: { addresses: found },
  })
  if (found === 0) {
    return html`<section>
      <h2>Sin direcciones</h2>
      <p>
        Ninguna dirección de las listas es de ${shownName}. Revise cómo está escrito, o busque la
        dirección completa de quien ya no está en ellas.
      </p>
    </section>`
  }
  const isMore = found === domain.limit
  const sum = (isMore ? domain.limit - 1 : found).toLocaleString('es-MX')
  return html`<section>
    <h2>${isMore && 'Más de '}${sum} ${found === 1 ? 'dirección' : 'direcciones'}</h2>
    ${found > addresses.length && html`<p>Se muestran ${addresses.length}.</p>`}
    ${scrolling(
      `Direcciones de las listas de hoy que son de ${shownName}`,
      ['Dirección', 'Envíos'],
      addresses.map(({ address, totals }) => [
        maskAddress(displayAddress(address)),
        totalsInWords(totals),
      ]),
    )}
  </section>`
}
