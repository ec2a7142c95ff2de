/** One person: asked for by a form, so that no address is in a URL; and the rights that the person has. */
import { html } from 'hono/html'
import { Problem } from '../../../errors.ts'
import { blockPerson, erasePerson, unblockPerson } from '../../../flow/cancel-person.ts'
import { personFile } from '../../../flow/person-file.ts'
import { personPage } from '../../../flow/person-page.ts'
import { errorSummary, readForm, textField, textOf, type FormErrors } from '../../form.ts'
import { counted, hour, isTicked, lineOf, whoFault } from './parts.ts'
import { personContent, type AskedAct, type PersonAct } from './person-page.ts'
import { showPanel } from '../page.ts'
import { panelPaths, type PanelRequest, type PanelRoute } from '../route.ts'

const [see, change] = ['person.see', 'person.change'] as const
export const personRoutes: PanelRoute[] = [
  { method: 'GET', path: panelPaths.person, act: see, answer: searchPage },
  { method: 'POST', path: panelPaths.person, act: see, answer: lookAct },
  { method: 'POST', path: panelPaths.personFile, act: see, answer: fileAct },
  { method: 'POST', path: panelPaths.blockPerson, act: change, answer: changeAct('block') },
  { method: 'POST', path: panelPaths.unblockPerson, act: change, answer: changeAct('unblock') },
  { method: 'POST', path: panelPaths.erasePerson, act: change, answer: changeAct('erase') },
]

function searchPage(request: PanelRequest): Promise<Response> {
  return showSearch(request, '')
}

async function showSearch(
  request: PanelRequest,
  who: string,
  error?: string,
  status: 404 | 422 = 422,
): Promise<Response> {
  const errors: FormErrors = error === undefined ? {} : { persona: error }
  return showPanel(
    request,
    { title: 'Buscar a una persona', ...(error !== undefined && { hasErrors: true, status }) },
    html`${error !== undefined && errorSummary(errors)}
      <p>Cada consulta queda registrada con su nombre y la hora.</p>
      <form method="post" action="${request.c.var.link(panelPaths.person)}" novalidate>
        ${textField({
          id: 'persona',
          name: 'persona',
          label: 'Dirección de correo',
          hint: 'O el número de la persona, como lo dice la bitácora.',
          type: 'text',
          value: who,
          autocomplete: 'off',
          maxLength: 320,
          required: true,
          error,
        })}
        <button>Consultar</button>
      </form>`,
  )
}

async function lookAct(request: PanelRequest): Promise<Response> {
  return showPerson(request, whoOf(await readForm(request.c)))
}

const whoOf = (form: FormData): string => lineOf(form, 'persona', 320)

interface Shown {
  /** What was just done. */
  done?: string
  /** What was asked and not said in full. */
  asked?: AskedAct
  /** Why it was not done. */
  problem?: string
}

async function showPerson(
  request: PanelRequest,
  who: string,
  { done, asked, problem }: Shown = {},
): Promise<Response> {
  if (who === '') return showSearch(request, who, 'Escriba una dirección de correo o un número.')
  const { engine, user } = request
  try {
    const file = await personFile(engine, user, who, 'person.show')
    return await showPanel(
      request,
      {
        title: file.persona ? `Persona ${file.persona.numero}` : 'Nadie de las listas',
        ...(asked && { hasErrors: true, status: 422 as const }),
        ...(problem !== undefined && { hasErrors: true, status: 409 as const }),
      },
      html`${done !== undefined && html`<div class="box done" role="status"><p>${done}</p></div>`}
      ${problem !== undefined && html`<div class="box wrong" role="alert"><p>${problem}</p></div>`}
      ${asked && errorSummary(asked.errors)} ${personContent(request, file, asked)}`,
    )
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return showSearch(request, who, whoFault(error), error.kind === 'notFound' ? 404 : 422)
  }
}

/** To be given to the person. It is asked for by a form, too. */
async function fileAct(request: PanelRequest): Promise<Response> {
  const { c, engine, user } = request
  const form = await readForm(c)
  const who = whoOf(form)
  const format = textOf(form, 'formato')
  if (who === '' || !(format === 'html' || format === 'json')) return showPerson(request, who)
  const file = await personFile(engine, user, who, 'person.export')
  const text = format === 'html' ? personPage(file) : `${JSON.stringify(file, null, 2)}\n`
  const name = file.persona ? `expediente-${file.persona.numero}` : 'expediente'
  return c.body(text, 200, {
    'Content-Type': `${format === 'html' ? 'text/html' : 'application/json'}; charset=UTF-8`,
    'Content-Disposition': `attachment; filename="${name}.${format}"`,
    'Cache-Control': 'no-store',
  })
}

function changeAct(act: PersonAct): (request: PanelRequest) => Promise<Response> {
  return async (request) => {
    const form = await readForm(request.c)
    const who = whoOf(form)
    const reason = lineOf(form, 'motivo', 300)
    const errors: FormErrors = {
      ...(reason === '' && {
        [`${act}-motivo`]: 'Escriba el motivo: queda en la bitácora. No nombre a nadie en él.',
      }),
      ...(!isTicked(form, 'confirmo') && {
        [`${act}-confirmo`]: 'Marque la confirmación si es lo que debe hacerse.',
      }),
    }
    if (Object.keys(errors).length > 0) {
      return showPerson(request, who, { asked: { act, reason, errors } })
    }
    try {
      return await acts[act](request, who, reason)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      return showPerson(request, who, { problem: whoFault(error) })
    }
  }
}

/** Each shows the person again: what is left of them is the best proof of what was done. */
const acts: Record<
  PersonAct,
  (request: PanelRequest, who: string, reason: string) => Promise<Response>
> = {
  block: async (request, who, reason) => {
    const { engine, user } = request
    const { eraseAfter, withheld } = await blockPerson(engine, user, who, reason)
    const stopped = counted(withheld, 'envío en curso detenido', 'envíos en curso detenidos')
    const done = `Datos bloqueados; ${stopped}. Se suprimen solos desde el ${hour(eraseAfter)}.`
    return showPerson(request, who, { done })
  },
  unblock: async (request, who, reason) => {
    const { engine, user } = request
    const lists = await unblockPerson(engine, user, who, reason)
    const done = `Bloqueo retirado; vuelve a ${counted(lists.length, 'lista', 'listas')}. Lo que se detuvo no se le envía.`
    return showPerson(request, who, { done })
  },
  erase: async (request, who, reason) => {
    const { engine, user, c } = request
    // the page says when it would be done by itself, and the tick is to do it now
    await erasePerson(engine, user, who, { reason, now: true })
    return showPanel(
      request,
      { title: 'Datos suprimidos' },
      html`<div class="box done" role="status">
          <p>Los datos se suprimieron. Las cifras de los informes no cambian.</p>
        </div>
        <ul class="inline plain">
          <li><a href="${c.var.link(panelPaths.person)}">Buscar a otra persona</a></li>
        </ul>`,
    )
  },
}
