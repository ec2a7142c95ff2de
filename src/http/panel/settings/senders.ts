/** The accounts that mail leaves from, as the environment sets them, without secrets; and how fast each may go. */
import { html } from 'hono/html'
import { inMexicoCity } from '../../../clock.ts'
import { Problem } from '../../../errors.ts'
import {
  changeLimits,
  limitBounds,
  limitsOfSenders,
  type LimitsOfSender,
} from '../../../flow/sender-limits.ts'
import type { Mailbox } from '../../../mail.ts'
import { may } from '../../../people/users.ts'
import type { Html } from '../../env.ts'
import { errorSummary, readForm, textField, textOf, type FormErrors } from '../../form.ts'
import { facts } from '../../page.ts'
import { showPanel } from '../page.ts'
import { panelPaths, type PanelRequest, type PanelRoute } from '../route.ts'

export const senderRoutes: PanelRoute[] = [
  {
    method: 'GET',
    path: panelPaths.senders,
    act: 'settings.see',
    answer: (request) => page(request),
  },
  { method: 'POST', path: panelPaths.senders, act: 'senders.limit', answer: change },
]

/** What was typed for one sender and could not be taken. */
interface Typed {
  slug: string
  rate: string
  connections: string
  errors: FormErrors
}

async function page(request: PanelRequest, typed?: Typed): Promise<Response> {
  const { engine } = request
  const isProduction = engine.config.environment === 'production'
  const all = await limitsOfSenders(engine)
  return showPanel(
    request,
    { title: 'Remitentes', hasErrors: typed !== undefined, status: typed ? 422 : 200 },
    html`${typed && errorSummary(typed.errors)}
      <p>
        Los fija quien administra el servidor, en el entorno: cambian al volver a arrancar. Los
        límites se pueden cambiar aquí y valen de inmediato.
        ${
          !isProduction &&
          'Esta instalación no es de producción: lo que envía queda en su bandeja local, salvo las direcciones permitidas.'
        }
      </p>
      ${all.map((one) => section(request, one, typed?.slug === one.sender.slug ? typed : undefined))}`,
  )
}

function section(request: PanelRequest, limits: LimitsOfSender, typed: Typed | undefined): Html {
  const { sender, now, changed } = limits
  const { slug, from, replyTo, envelopeFrom, relay } = sender
  return html`<section>
    <h2>${from.name || from.address}</h2>
    ${facts({
      De: formatMailbox(from),
      'Respuestas a': replyTo ? formatMailbox(replyTo) : 'la misma dirección',
      'Devoluciones a': envelopeFrom,
      Servidor: relay ? `${relay.host}:${relay.port}, ${tlsNames[relay.tls]}` : 'ninguno',
      'Mensajes por segundo': count(now.messagesPerSecond),
      'Conexiones a la vez': count(now.connections),
      'Límites fijados por': changed
        ? `${changed.by}, ${inMexicoCity(changed.at).toFormat("d 'de' LLLL 'de' yyyy, HH:mm")}`
        : 'la configuración del servidor',
      Publicaciones:
        request.engine.publications
          .filter((publication) => publication.sender === slug)
          .map(({ name }) => name)
          .join(', ') || 'ninguna',
    })}
    ${may(request.user, 'senders.limit') && limitForms(request, limits, typed)}
  </section>`
}

function limitForms(
  { c }: PanelRequest,
  { sender: { slug }, now, configured, changed }: LimitsOfSender,
  typed: Typed | undefined,
): Html {
  const action = c.var.link(panelPaths.senders)
  const field = (id: string, label: string, value: string, most: number) =>
    textField({
      id: `${id}-${slug}`,
      name: id,
      label,
      hint: `De 1 a ${count(most)}.`,
      type: 'text',
      value,
      autocomplete: 'off',
      maxLength: 6,
      required: true,
      error: typed?.errors[`${id}-${slug}`],
    })
  return html`<details ${typed && html`open`}>
      <summary>Cambiar los límites de ${slug}</summary>
      <form method="post" action="${action}">
        <input type="hidden" name="remitente" value="${slug}" />
        ${field(
          'mensajes',
          'Mensajes por segundo',
          typed?.rate ?? String(now.messagesPerSecond),
          limitBounds.messagesPerSecond,
        )}
        ${field(
          'conexiones',
          'Conexiones a la vez',
          typed?.connections ?? String(now.connections),
          limitBounds.connections,
        )}
        <button>Cambiar los límites</button>
      </form>
    </details>
    ${
      changed &&
      html`<form method="post" action="${action}">
        <input type="hidden" name="remitente" value="${slug}" />
        <input type="hidden" name="volver" value="si" />
        <p>
          La configuración dice ${count(configured.messagesPerSecond)} mensajes por segundo y
          ${count(configured.connections)} conexiones.
        </p>
        <button>Volver a lo configurado</button>
      </form>`
    }`
}

async function change(request: PanelRequest): Promise<Response> {
  const { c, engine, user } = request
  const form = await readForm(c)
  const slug = textOf(form, 'remitente')
  if (textOf(form, 'volver') !== '') await changeLimits(engine, user, slug, 'reset')
  else {
    const rate = textOf(form, 'mensajes')
    const connections = textOf(form, 'conexiones')
    const errors: FormErrors = {}
    const read = (id: 'mensajes' | 'conexiones', text: string, most: number): number => {
      const value = /^\d{1,6}$/.test(text) ? Number(text) : 0
      if (value < 1 || value > most)
        errors[`${id}-${slug}`] = `Escriba un número entero de 1 a ${count(most)}.`
      return value
    }
    const limits = {
      messagesPerSecond: read('mensajes', rate, limitBounds.messagesPerSecond),
      connections: read('conexiones', connections, limitBounds.connections),
    }
    if (!Object.hasOwn(engine.config.senders, slug)) throw unknownSender(slug)
    if (Object.keys(errors).length > 0) return page(request, { slug, rate, connections, errors })
    await changeLimits(engine, user, slug, limits)
  }
  return c.redirect(c.var.link(panelPaths.senders), 303)
}

const unknownSender = (slug: string): Problem =>
  new Problem('notFound', {
    place: 'remitente',
    message: 'no existe',
    value: slug,
    remedy: 'Cargue la página de nuevo',
  })

const count = (value: number): string => value.toLocaleString('es-MX')

const formatMailbox = ({ name, address }: Mailbox): string =>
  name === '' ? address : `${name} <${address}>`

const tlsNames = {
  required: 'cifrado obligatorio (STARTTLS)',
  implicit: 'cifrado desde el inicio (TLS)',
  none: 'sin cifrar',
}
