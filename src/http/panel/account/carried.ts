/** What was being written when a session ended: it goes with its writer through the sign-in and on to where it was going. */
import { html } from 'hono/html'
import type { Html, PageContext } from '../../env.ts'
import { showPage } from '../../page.ts'
import { panelPaths } from '../route.ts'

export interface Carried {
  /** A path of the panel. */
  to: string
  isMultipart: boolean
  hadFiles: boolean
  fields: [name: string, value: string][]
}

/** As much as a form of the panel. */
const maxCharacters = 512 * 1024
/** Nobody is known yet: only so many may have a whole form in memory. */
const maxAtOnce = 4
let atOnce = 0
/** A password is typed again: it is written in no page. */
const secret = /contrase|^actual$|^repetida$/i

/** undefined: there is no text in it, or more than can be carried. */
export async function readCarried(c: PageContext): Promise<Carried | undefined> {
  const { pathname, search } = new URL(c.req.url)
  const to = pathname + search
  const type = c.req.header('content-type') ?? ''
  const isMultipart = type.startsWith('multipart/form-data')
  const isForm = isMultipart || type.startsWith('application/x-www-form-urlencoded')
  if (!isForm || !isOfPanel(to) || pathname === panelPaths.ownAccount || atOnce >= maxAtOnce)
    return undefined
  atOnce++
  try {
    const form = [...(await c.req.formData())]
    const fields = form.flatMap(([name, value]): Carried['fields'] =>
      typeof value === 'string' && !secret.test(name) ? [[name, value]] : [],
    )
    const length = fields.reduce((sum, [name, value]) => sum + name.length + value.length, 0)
    if (fields.length === 0 || length > maxCharacters) return undefined
    const hadFiles = form.some(([, value]) => value instanceof File && value.name !== '')
    return { to, isMultipart, hadFiles, fields }
  } catch {
    return undefined
  } finally {
    atOnce--
  }
}

/** An address from outside must not send anybody anywhere. */
const isOfPanel = (to: string): boolean => /^\/panel(\/[\w.-]+)*(\?[\w=&%.+:-]*)?$/.test(to)

/** Where a sign-in leads. As long as a cookie can hold beside its attempt. */
export function backOf(asked: string | undefined): `/panel${string}` {
  return asked !== undefined &&
    asked.length <= 1_000 &&
    /^\/panel(\/[\w/-]*)?(\?[\w=&%.-]*)?$/.test(asked)
    ? (asked as `/panel${string}`)
    : panelPaths.agenda
}

/** In the form that signs in; a wrong password gives it back. */
export const carriedField = (carried: Carried): Html =>
  html`<input type="hidden" name="texto" value="${JSON.stringify(carried)}" />`

/** What `carriedField` wrote; undefined for anything else. */
export function carriedIn(form: FormData): Carried | undefined {
  const text = form.get('texto')
  if (typeof text !== 'string' || text.length > 4 * maxCharacters) return undefined
  try {
    const { to, isMultipart, hadFiles, fields } = JSON.parse(text) as Carried
    const isWhole =
      typeof to === 'string' &&
      isOfPanel(to) &&
      Array.isArray(fields) &&
      fields.every((pair) => pair.length === 2 && pair.every((one) => typeof one === 'string'))
    return isWhole ? { to, isMultipart, hadFiles, fields } : undefined
  } catch {
    return undefined
  }
}

/** The same form again, under the new session. */
export function carriedPage(
  c: PageContext,
  carried: Carried,
  name: string,
): Response | Promise<Response> {
  const { to, isMultipart, hadFiles, fields } = carried
  return showPage(
    c,
    { title: 'Su texto está a salvo' },
    html`<p class="lead">
        Entró ${name}. Al continuar se hace lo que pidió cuando la sesión ya había terminado, con
        todo lo que escribió.
      </p>
      ${hadFiles && html`<div class="box"><p>${withoutFiles}</p></div>`}
      <form
        method="post"
        action="${c.var.link(to)}"
        ${isMultipart && html`enctype="multipart/form-data"`}
      >
        ${fields.map(
          ([field, value]) => html`<input type="hidden" name="${field}" value="${value}" />`,
        )}
        <button>Continuar</button>
      </form>
      <p>
        <a href="${c.var.link(panelPaths.agenda)}">Abandonar lo que escribí e ir a la agenda</a>
      </p>`,
  )
}

export const withoutFiles =
  'Los archivos que iba a subir no se pueden conservar: súbalos de nuevo después de continuar.'
