/** The catalogue of topics: the printed «temas» are counted over its keys. */
import { html } from 'hono/html'
import { listTopics } from '../../../content/topics.ts'
import { Problem } from '../../../errors.ts'
import { addTopic } from '../../../flow/settings.ts'
import { may } from '../../../people/users.ts'
import type { Html } from '../../env.ts'
import { errorSummary, readForm, textField, textOf, type FormErrors } from '../../form.ts'
import { scrolling } from '../dispatches/parts.ts'
import { showPanel } from '../page.ts'
import { panelPaths, type PanelRequest, type PanelRoute } from '../route.ts'

export const topicRoutes: PanelRoute[] = [
  { method: 'GET', path: panelPaths.topics, act: 'settings.see', answer: topicsPage },
  { method: 'POST', path: panelPaths.topics, act: 'topics.add', answer: add },
]

interface Typed {
  key: string
  name: string
  errors: FormErrors
}

function topicsPage(request: PanelRequest): Promise<Response> {
  return page(request, { key: '', name: '', errors: {} })
}

async function page(request: PanelRequest, typed: Typed): Promise<Response> {
  const topics = await listTopics(request.engine.db)
  const hasErrors = Object.keys(typed.errors).length > 0
  return showPanel(
    request,
    { title: 'Catálogo de temas', hasErrors, status: hasErrors ? 422 : 200 },
    html`${hasErrors && errorSummary(typed.errors)}
      <p>
        Cada correo puntual es de un tema. El informe cuenta los temas distintos de un trimestre.
      </p>
      ${
        topics.length === 0
          ? html`<p>Todavía no hay temas.</p>`
          : scrolling(
              'Temas',
              ['Tema', 'Clave'],
              topics.map(({ key, name }) => [name, key]),
            )
      }
      ${may(request.user, 'topics.add') && addForm(request, typed)}`,
  )
}

const addForm = ({ c }: PanelRequest, { key, name, errors }: Typed): Html =>
  html`<section>
    <h2>Agregar un tema</h2>
    <form method="post" action="${c.var.link(panelPaths.topics)}">
      ${textField({
        id: 'nombre',
        name: 'nombre',
        label: 'Nombre',
        type: 'text',
        value: name,
        autocomplete: 'off',
        maxLength: maxName,
        error: errors['nombre'],
      })}
      ${textField({
        id: 'clave',
        name: 'clave',
        label: 'Clave (opcional)',
        hint: 'De 3 a 60 minúsculas, dígitos o guiones. Sin ella se hace del nombre.',
        type: 'text',
        value: key,
        autocomplete: 'off',
        maxLength: 60,
        error: errors['clave'],
      })}
      <button>Agregar</button>
    </form>
  </section>`

const maxName = 200

async function add(request: PanelRequest): Promise<Response> {
  const { c, engine, user } = request
  const form = await readForm(c)
  const name = textOf(form, 'nombre')
  const key = textOf(form, 'clave')
  const errors: FormErrors = {}
  if (name === '') errors['nombre'] = 'Escriba el nombre del tema.'
  // PostgreSQL has no text with a NUL, and nobody can read the others
  if (/\p{Cc}/u.test(name))
    errors['nombre'] = 'El nombre lleva caracteres que no se ven: escríbalo de nuevo.'
  if (name.length > maxName) errors['nombre'] = `Escriba cuando más ${maxName} letras.`
  if (Object.keys(errors).length > 0) return page(request, { key, name, errors })
  try {
    await addTopic(engine, user, { key: key || keyOf(name), name })
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const [{ message, value, remedy }] = error.faults as [(typeof error.faults)[number]]
    errors['clave'] = `La clave ${message}${value === undefined ? '' : ` (${value})`}. ${remedy}.`
    return page(request, { key, name, errors })
  }
  return c.redirect(c.var.link(panelPaths.topics), 303)
}

/** «Taller de observación» → `taller-de-observacion` */
const keyOf = (name: string): string =>
  name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replace(/^-+|-+$/g, '')
