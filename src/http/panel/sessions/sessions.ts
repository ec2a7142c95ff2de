/** INE sessions, entered once: the calendar of the week is made of them, and so is what mentions them. */
import { DateTime } from 'luxon'
import { html } from 'hono/html'
import { z } from 'zod'
import { inMexicoCity, zone } from '../../../clock.ts'
import { issueFaults } from '../../../content/check.ts'
import { sesionIne, type SesionIne } from '../../../content/sesion.ts'
import { readSession, readSessions, type SeenSession } from '../../../content/sessions.ts'
import { Problem } from '../../../errors.ts'
import { enterSessions } from '../../../flow/settings.ts'
import { may } from '../../../people/users.ts'
import type { RegisteredSession } from '../../../publication.ts'
import type { Html } from '../../env.ts'
import { errorSummary, readForm, textOf, type FormErrors } from '../../form.ts'
import { asRead } from '../content/as-read.ts'
import { contentForm, errorsOf } from '../content/form.ts'
import { fieldsOf, readContent, rearrange, type Schema } from '../content/fields.ts'
import { labelOf } from '../content/labels.ts'
import { scrolling } from '../dispatches/parts.ts'
import { showPanel } from '../page.ts'
import { panelPaths, type PanelRequest, type PanelRoute } from '../route.ts'

export const sessionRoutes: PanelRoute[] = [
  { method: 'GET', path: panelPaths.sessions, act: 'panel.see', answer: weekPage },
  { method: 'GET', path: panelPaths.session, act: 'sessions.edit', answer: sessionPage },
  { method: 'POST', path: panelPaths.session, act: 'sessions.edit', answer: saveSession },
]

const fields = fieldsOf(
  z.toJSONSchema(sesionIne, { io: 'input', unrepresentable: 'any', target: 'draft-7' }) as Schema,
)

async function weekPage(request: PanelRequest): Promise<Response> {
  const { c, engine, user } = request
  const monday = mondayOf(c.req.query('semana'), engine.clock.now())
  const sunday = monday.plus({ days: 6 })
  const sessions = (await readSessions(
    engine.db,
    monday.toISODate(),
    sunday.toISODate(),
  )) as RegisteredSession<SesionIne>[]
  const mayEdit = may(user, 'sessions.edit')
  const week = (start: DateTime<true>) =>
    `${c.var.link(panelPaths.sessions)}?semana=${start.toISODate()}`
  return showPanel(
    request,
    { title: `Sesiones del INE: semana del ${monday.toFormat("d 'de' LLLL 'de' yyyy")}` },
    html`<p>
        Se capturan una sola vez. El calendario de la semana las toma de aquí cuando su contenido no
        trae otras, y cada cambio queda con su versión.
      </p>
      <nav class="pager" aria-label="Semanas">
        <a href="${week(monday.minus({ weeks: 1 }))}">Semana anterior</a>
        <a href="${week(monday.plus({ weeks: 1 }))}">Semana siguiente</a>
      </nav>
      ${mayEdit && html`<p><a href="${c.var.link(panelPaths.session)}?fecha=${monday.toISODate()}">Agregar una sesión</a></p>`}
      ${
        sessions.length === 0
          ? html`<p>No hay sesiones capturadas de esta semana.</p>`
          : scrolling(
              'Sesiones de la semana, por día y hora',
              [
                'Día',
                'Hora',
                'Órgano',
                'Tipo',
                'Estado',
                'Versión',
                ...(mayEdit ? ['Acción'] : []),
              ],
              sessions
                .toSorted(byDayAndHour)
                .map((one) => [
                  dayOf(one.fecha),
                  one.hora === null ? 'por confirmar' : `${one.hora} horas`,
                  one.organo.siglas ?? one.organo.nombre,
                  labelOf(one.tipo),
                  labelOf(one.estado),
                  String(one.secuencia + 1),
                  ...(mayEdit
                    ? [
                        html`<a
                          href="${c.var.link(panelPaths.session)}?clave=${one.id}&fecha=${one.fecha}"
                          >Editar<span class="unseen"> ${one.id}</span></a
                        >`,
                      ]
                    : []),
                ]),
            )
      }`,
  )
}

/** The Monday of the week that was asked for, of this week when none or nonsense was. */
function mondayOf(asked: string | undefined, now: Date): DateTime<true> {
  const day = DateTime.fromISO(asked ?? '', { zone, locale: 'es-MX' })
  const isDate =
    day.isValid && /^\d{4}-\d\d-\d\d$/.test(asked!) && day.year >= 2000 && day.year < 2100
  return (isDate ? day : inMexicoCity(now)).startOf('week')
}

const byDayAndHour = (one: SesionIne, other: SesionIne): number =>
  `${one.fecha} ${one.hora ?? '99'}`.localeCompare(`${other.fecha} ${other.hora ?? '99'}`)

const dayOf = (date: string): string =>
  DateTime.fromISO(date, { zone: 'utc', locale: 'es-MX' }).toFormat("cccc d 'de' LLLL")

async function sessionPage(request: PanelRequest): Promise<Response> {
  const { c, engine } = request
  const key = c.req.query('clave')
  const date = c.req.query('fecha')
  const given = z.iso.date().safeParse(date).success ? date! : ''
  if (key === undefined) {
    // nobody should have to write an instant by hand
    const fuente = { consultadaEl: minuteOf(engine.clock.now()) }
    return formPage(request, { ...(given !== '' && { fecha: given }), fuente }, { seen: undefined })
  }
  const known = given === '' ? [] : await readSessions(engine.db, given, given)
  const found = known.find(({ id }) => id === key)
  if (found) {
    const { secuencia, cambio: _cambio, ...session } = found
    return formPage(request, session, { seen: { id: found.id, secuencia } })
  }
  throw new Problem('notFound', {
    place: 'sesión',
    message: 'no está capturada, o cambió de fecha',
    remedy: 'Búsquela en su semana',
  })
}

const minuteOf = (now: Date): string =>
  inMexicoCity(now).startOf('minute').toISO({ suppressMilliseconds: true })

async function saveSession(request: PanelRequest): Promise<Response> {
  const { c, engine, user } = request
  const form = await readForm(c)
  const body = readContent(fields, form)
  const seen = seenIn(form)
  const act = form.get('accion')
  if (typeof act === 'string' && act !== 'guardar')
    return formPage(request, rearrange(body, act), { seen })
  const parsed = sesionIne.safeParse(body)
  if (!parsed.success) {
    const errors = errorsOf(issueFaults(parsed.error, body, 'contenido'), fields)
    return formPage(request, body, { seen, errors })
  }
  const { id } = parsed.data
  // under another key it is another session
  const expected = seen?.id === id ? seen : { id, secuencia: null }
  try {
    await enterSessions(engine, user, [parsed.data], undefined, expected)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const faults = error.faults.map((fault) => ({ ...fault, place: 'contenido id' }))
    const errors = errorsOf(faults, fields)
    const saved = await readSession(engine.db, id)
    if (!saved || saved.secuencia === expected.secuencia)
      return formPage(request, body, { seen, errors })
    // whoever changes a session goes on over the one that they are shown; a new one never replaces another
    const over = expected.secuencia === null ? seen : { id, secuencia: saved.secuencia }
    return formPage(request, body, { seen: over, errors, saved })
  }
  return c.redirect(`${c.var.link(panelPaths.sessions)}?semana=${parsed.data.fecha}`, 303)
}

/** The session that the form was opened on; undefined for a new one. */
function seenIn(form: FormData): SeenSession | undefined {
  const [id, secuencia] = [textOf(form, 'clave'), textOf(form, 'secuencia')]
  return id !== '' && /^\d{1,9}$/.test(secuencia) ? { id, secuencia: Number(secuencia) } : undefined
}

function savedSection(saved: RegisteredSession, body: Record<string, unknown>): Html {
  const { secuencia, cambio: _cambio, ...session } = saved
  return html`<section class="box">
    <h2>La que está guardada con esa clave</h2>
    <p>Es su versión ${secuencia + 1}. Lo que usted escribió está completo en el formulario.</p>
    ${asRead(fields, session, body)}
  </section>`
}

interface Shown {
  seen: SeenSession | undefined
  errors?: FormErrors
  /** What is there in its place. */
  saved?: RegisteredSession
}

async function formPage(
  request: PanelRequest,
  body: Record<string, unknown>,
  { seen, errors = {}, saved }: Shown,
): Promise<Response> {
  const { c } = request
  const hasErrors = Object.keys(errors).length > 0
  return showPanel(
    request,
    { title: 'Sesión del INE', hasErrors, status: saved ? 409 : hasErrors ? 422 : 200 },
    html`${hasErrors && errorSummary(errors)} ${saved && savedSection(saved, body)}
      <p>
        ${
          seen
            ? 'Se guarda como un cambio de la sesión ya capturada.'
            : 'Se guarda como una sesión nueva. Para cambiar una ya capturada, edítela desde su semana.'
        }
        <a href="${c.var.link(panelPaths.sessions)}">Volver sin guardar</a>
      </p>
      <form method="post" action="${c.var.link(panelPaths.session)}" id="contenido-form">
        <button hidden name="accion" value="guardar">Guardar</button>
        <input type="hidden" name="clave" value="${seen?.id ?? ''}" />
        <input type="hidden" name="secuencia" value="${seen?.secuencia ?? ''}" />
        ${contentForm(fields, body, errors, { topics: [] })}
        <button name="accion" value="guardar">Guardar</button>
      </form>`,
  )
}
