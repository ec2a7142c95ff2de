/** The acts of the edition page. A second click does nothing twice, and says what the first one did. */
import { DateTime } from 'luxon'
import { zone } from '../../../clock.ts'
import { findEdition, type Edition } from '../../../editions/editions.ts'
import { repeatIn } from '../../../editions/repeats.ts'
import { Problem } from '../../../errors.ts'
import { approve, cancel } from '../../../flow/approve.ts'
import { openCorrection } from '../../../flow/correct.ts'
import { markReady } from '../../../flow/mark-ready.ts'
import { maxReturnReason, returnEdition } from '../../../flow/return.ts'
import { sendTest } from '../../../flow/send-test.ts'
import { may } from '../../../people/users.ts'
import { readForm, textOf, type FormErrors } from '../../form.ts'
import { editionOf } from './find.ts'
import { maxCancelReason, type CameBack } from './forms.ts'
import { editionPage } from './page.ts'
import type { Done } from './said.ts'
import { panelPaths, type PanelRequest } from '../route.ts'

export async function readyAct(request: PanelRequest): Promise<Response> {
  const { engine, user } = request
  const edition = await editionOf(request)
  const form = await readForm(request.c)
  const contentId = contentIn(form)
  const confirmRepeat = textOf(form, 'repetir')
  return answered(request, edition, 'lista', {
    act: () => markReady(engine, user, edition.id, { confirmRepeat, contentId }),
    isDone: (now) =>
      ['ready', 'approved', 'sending'].includes(now.state) &&
      now.readyBy !== null &&
      now.contentId === contentId,
    asked: ({ faults }) => {
      const repeat = repeatIn(faults)
      if (!repeat) return undefined
      const { message, value, repeats } = repeat
      return {
        values: { repetir: repeats },
        errors: {
          repetir: `Este correo se repite: ${message}${value === undefined ? '' : ` («${value}»)`}. Si es lo que quiere, confírmelo`,
        },
      }
    },
  })
}

export async function approveAct(request: PanelRequest): Promise<Response> {
  const { engine, user } = request
  const edition = await editionOf(request)
  const form = await readForm(request.c)
  return answered(request, edition, 'aprobada', {
    act: () => approve(engine, user, edition.id, sealOf(form)),
  })
}

export async function returnAct(request: PanelRequest): Promise<Response> {
  const { engine, user } = request
  const edition = await editionOf(request)
  const form = await readForm(request.c)
  const reason = reasonOf(form)
  const errors = reasonErrors('motivo-devolver', reason, {
    empty: 'Escriba qué hay que corregir: es el motivo de la devolución',
    max: maxReturnReason,
  })
  if (errors) {
    return editionPage(request, edition, {
      back: { values: { 'motivo-devolver': reason }, errors },
    })
  }
  return answered(request, edition, 'devuelta', {
    act: () => returnEdition(engine, user, edition.id, { reason, hash: sealOf(form) }),
    values: { 'motivo-devolver': reason },
  })
}

export async function cancelAct(request: PanelRequest): Promise<Response> {
  const { engine, user } = request
  const edition = await editionOf(request)
  const form = await readForm(request.c)
  const reason = reasonOf(form)
  const errors = reasonErrors('motivo', reason, {
    empty: 'Escriba por qué se cancela: queda en la bitácora',
    max: maxCancelReason,
  })
  if (errors) return editionPage(request, edition, { back: { values: { motivo: reason }, errors } })
  return answered(request, edition, 'cancelada', {
    act: () => cancel(engine, user, edition.id, reason, stateOf(form)),
    isDone: ({ state }) => state === 'cancelled',
    values: { motivo: reason },
  })
}

/** Tests that are on their way: a second click waits for the answer of the first. */
const underway = new Map<string, Promise<unknown>>()

export async function testAct(request: PanelRequest): Promise<Response> {
  const { engine, user } = request
  const edition = await editionOf(request)
  const key = `${engine.instanceId} ${user.id} ${edition.id}`
  return answered(request, edition, 'prueba', {
    act: () => {
      const first = underway.get(key)
      if (first) return first
      const sending = sendTest(engine, user, edition).finally(() => underway.delete(key))
      underway.set(key, sending)
      return sending
    },
  })
}

export async function correctAct(request: PanelRequest): Promise<Response> {
  const { engine, user, c } = request
  const edition = await editionOf(request)
  const form = await readForm(c)
  const [date, time] = [textOf(form, 'fecha').slice(0, 40), textOf(form, 'hora').slice(0, 40)]
  const values = { 'alcance-fecha': date, 'alcance-hora': time }
  const hour = readHour(date, time)
  if (!(hour instanceof Date)) {
    return editionPage(request, edition, { back: { values, errors: hour } })
  }
  try {
    const opened = await openCorrection(engine, user, edition.id, hour)
    const next = may(user, 'content.add') ? panelPaths.content : panelPaths.edition
    return c.redirect(c.var.link(next(opened.id)), 303)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    if (error.kind !== 'invalid') return editionPage(request, edition, { problem: error })
    const { message, remedy } = error.faults[0]!
    const errors = { 'alcance-hora': `La hora de envío ${message}. ${remedy}` }
    return editionPage(request, edition, { back: { values, errors } })
  }
}

interface Attempt {
  act: () => Promise<unknown>
  /** The edition is already as the act would leave it. */
  isDone?: (edition: Edition) => boolean
  /** Of a refusal that a field can answer: that field. */
  asked?: (problem: Problem) => CameBack | undefined
  values?: Record<string, string>
}

/** Back to the page, which says what was done; or the page with what stood against it. */
async function answered(
  request: PanelRequest,
  { id }: Edition,
  done: Done,
  { act, isDone, asked, values = {} }: Attempt,
): Promise<Response> {
  const { c, engine } = request
  const again = () => c.redirect(`${c.var.link(panelPaths.edition(id))}?hecho=${done}`, 303)
  try {
    await act()
    return again()
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const now = await findEdition(engine.db, id)
    if (isDone?.(now)) return again()
    const back = asked?.(error)
    return editionPage(
      request,
      now,
      back ? { back } : { back: { values, errors: {} }, problem: error },
    )
  }
}

/** The version that the page showed, and no other. */
function sealOf(form: FormData): string {
  const seal = textOf(form, 'sello')
  if (/^[0-9a-f]{64}$/.test(seal)) return seal
  throw new Problem('invalid', {
    place: 'sello',
    message: 'falta el de la versión que se revisó',
    remedy: 'Abra de nuevo la página de la edición y decida desde ella',
  })
}

/** The state that the page showed: what was being prepared may be on its way by now. */
function stateOf(form: FormData): string {
  const state = textOf(form, 'estado')
  if (state !== '') return state
  throw new Problem('invalid', {
    place: 'estado',
    message: 'falta el que tenía la edición',
    remedy: 'Abra de nuevo la página de la edición y decida desde ella',
  })
}

/** The content that the page showed, and no other. */
function contentIn(form: FormData): number {
  const text = textOf(form, 'contenido')
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new Problem('invalid', {
    place: 'contenido',
    message: 'falta el que se revisó',
    remedy: 'Abra de nuevo la página de la edición y márquela desde ella',
  })
}

/** What a database cannot keep, or would turn the text around it, is a space. */
const reasonOf = (form: FormData): string =>
  textOf(form, 'motivo')
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .trim()

function reasonErrors(
  id: string,
  reason: string,
  { empty, max }: { empty: string; max: number },
): FormErrors | undefined {
  if (reason === '') return { [id]: empty }
  if (reason.length <= max) return undefined
  return {
    [id]: `El motivo tiene ${reason.length} caracteres: acórtelo a ${max} o menos`,
  }
}

function readHour(date: string, time: string): Date | FormErrors {
  const day = DateTime.fromISO(date, { zone })
  const errors: FormErrors = {}
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date) || !day.isValid || day.year < 1900 || day.year >= 3000)
    errors['alcance-fecha'] = 'No es una fecha que exista: escríbala como día, mes y año'
  if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(time))
    errors['alcance-hora'] = 'No es una hora: escríbala de 00:00 a 23:59'
  if (Object.keys(errors).length > 0) return errors
  return DateTime.fromISO(`${date}T${time}`, { zone }).toJSDate()
}
