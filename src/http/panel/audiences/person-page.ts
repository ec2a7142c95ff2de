/** What is held of one person, in short, and the acts that are possible now. */
import { html } from 'hono/html'
import { holdsOnlyHashes, type PersonFile } from '../../../flow/person-file.ts'
import { may } from '../../../people/users.ts'
import type { Html } from '../../env.ts'
import { textField, type FormErrors } from '../../form.ts'
import { facts } from '../../page.ts'
import { leaveForm } from './leave.ts'
import { count, hour, tick } from './parts.ts'
import { dataTable } from '../report/parts.ts'
import { panelPaths, type PanelRequest } from '../route.ts'

export type PersonAct = 'block' | 'unblock' | 'erase'

/** What was asked and refused: to be shown again. */
export interface AskedAct {
  act: PersonAct
  reason: string
  errors: FormErrors
}

export async function personContent(
  request: PanelRequest,
  file: PersonFile,
  asked: AskedAct | undefined,
): Promise<Html> {
  const { user } = request
  return html`${identity(file)} ${tables(file)} ${download(request, file)}
  ${
    may(user, 'contacts.suppress') &&
    html`<section>
      <h2>Registrar una baja pedida por teléfono o carta</h2>
      ${await leaveForm(request, { who: whoIs(file), list: '', how: '' }, {}, true)}
    </section>`
  }
  ${may(user, 'person.change') && rights(request, file, asked)}`
}

/** The number where there is one: it names the same person whatever becomes of the address. */
const whoIs = ({ persona, direcciones }: PersonFile): string =>
  persona ? String(persona.numero) : (direcciones[0] ?? '')

function identity({ persona, direcciones }: PersonFile): Html {
  if (!persona) {
    return html`<p class="lead">
      Ninguna persona de las listas tiene hoy la dirección ${direcciones.join(', ')}; lo que sigue
      se conserva bajo ella.
    </p>`
  }
  const values = {
    Dirección: direcciones.join(', '),
    Nombre: persona.nombre,
    País: persona.pais ?? '',
    Etiquetas: persona.etiquetas.join(', '),
    Clase: persona.esGrupo ? 'dirección de grupo' : '',
    Registrada: hour(persona.registrada),
    Bloqueada: hour(persona.bloqueada),
    'Se suprime desde': hour(persona.sePuedeSuprimirDesde),
  }
  return facts(Object.fromEntries(Object.entries(values).filter(([, value]) => value !== '')))
}

function tables({ listas, exclusiones, envios }: PersonFile): Html {
  const byOutcome = [...Map.groupBy(envios, ({ resultado }) => resultado)]
  return html`${
    listas.length === 0
      ? html`<p>En ninguna lista.</p>`
      : dataTable({
          id: 'listas',
          caption: 'Listas',
          columns: ['Lista', 'Estado', 'Desde', 'Origen', 'Consentimiento'],
          rows: listas.map((one) => [
            one.lista,
            one.estado,
            hour(one.desde),
            one.origen,
            one.consentimiento ?? '',
          ]),
        })
  }
  ${
    exclusiones.length > 0 &&
    dataTable({
      id: 'exclusiones',
      caption: 'No se le escribe',
      columns: ['Motivo', 'Alcance', 'Desde', 'Nota'],
      rows: exclusiones.map((one) => [one.motivo, one.alcance, hour(one.fecha), one.nota]),
    })
  }
  ${
    byOutcome.length > 0 &&
    dataTable({
      id: 'envios',
      caption: 'Envíos',
      columns: ['Resultado', 'Cuántos'],
      rows: byOutcome.map(([outcome, rows]) => [outcome, count(rows.length)]),
    })
  }`
}

function download({ c }: PanelRequest, file: PersonFile): Html {
  return html`<section>
    <h2>Expediente</h2>
    <p>Todo lo que se conserva de la persona, para entregárselo. Después, borre el archivo.</p>
    <form class="moves" method="post" action="${c.var.link(panelPaths.personFile)}">
      <input type="hidden" name="persona" value="${whoIs(file)}" />
      <button class="second" name="formato" value="html">Descargar para leer (HTML)</button>
      <button class="second" name="formato" value="json">Descargar los datos (JSON)</button>
    </form>
  </section>`
}

function rights(request: PanelRequest, file: PersonFile, asked: AskedAct | undefined): Html {
  const { persona } = file
  const isBlocked = persona !== null && persona.bloqueada !== null
  const canErase = isBlocked || (persona === null && !holdsOnlyHashes(file))
  if (!persona && !canErase) return html``
  const form = (act: PersonAct) => rightForm(request, file, act, asked)
  return html`<section>
    <h2>Cancelación de sus datos</h2>
    ${persona && !isBlocked && form('block')} ${isBlocked && form('unblock')}
    ${canErase && form('erase')}
  </section>`
}

const rightTexts: Record<PersonAct, { title: string; path: string; button: string }> = {
  block: { title: 'Bloquear', path: panelPaths.blockPerson, button: 'Bloquear sus datos' },
  unblock: {
    title: 'Retirar el bloqueo',
    path: panelPaths.unblockPerson,
    button: 'Retirar el bloqueo',
  },
  erase: { title: 'Suprimir', path: panelPaths.erasePerson, button: 'Suprimir sus datos' },
}

function rightForm(
  { c, engine }: PanelRequest,
  file: PersonFile,
  act: PersonAct,
  asked: AskedAct | undefined,
): Html {
  const { title, path, button } = rightTexts[act]
  const own = asked?.act === act ? asked : undefined
  return html`<details ${own && html`open`}>
    <summary>${title}</summary>
    <form method="post" action="${c.var.link(path)}" novalidate>
      <input type="hidden" name="persona" value="${whoIs(file)}" />
      ${textField({
        id: `${act}-motivo`,
        name: 'motivo',
        label: 'Motivo',
        hint: 'Por ejemplo: solicitud ARCO 12. Sin nombrar a nadie: queda en la bitácora.',
        type: 'text',
        value: own?.reason ?? '',
        autocomplete: 'off',
        maxLength: 300,
        required: true,
        error: own?.errors[`${act}-motivo`],
      })}
      ${tick({
        id: `${act}-confirmo`,
        name: 'confirmo',
        label: confirmation(act, file, engine.clock.now(), engine.privacy.diasDeBloqueo),
        error: own?.errors[`${act}-confirmo`],
      })}
      <button class="${act === 'unblock' ? 'second' : ''}">${button}</button>
    </form>
  </details>`
}

function confirmation(act: PersonAct, { persona }: PersonFile, now: Date, days: number): string {
  if (act === 'block')
    return `Confirmo: sale de todas sus listas, y en ${count(days)} días sus datos se suprimen solos`
  if (act === 'unblock') return 'Confirmo: la persona retiró su petición y vuelve a sus listas'
  const due = persona?.sePuedeSuprimirDesde
  const early =
    due != null && due > now ? `, antes de que termine el plazo de bloqueo (${hour(due)})` : ''
  return `Confirmo: sus datos se suprimen ahora${early}, y esto no puede deshacerse`
}
