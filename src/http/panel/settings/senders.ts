/** The accounts that mail leaves from, as the environment sets them: without secrets. */
import { html } from 'hono/html'
import type { Mailbox } from '../../../mail.ts'
import { facts } from '../../page.ts'
import { showPanel } from '../page.ts'
import { panelPaths, type PanelRequest, type PanelRoute } from '../route.ts'

export const senderRoutes: PanelRoute[] = [
  { method: 'GET', path: panelPaths.senders, act: 'settings.see', answer: sendersPage },
]

async function sendersPage(request: PanelRequest): Promise<Response> {
  const { config, publications } = request.engine
  const isProduction = config.environment === 'production'
  return showPanel(
    request,
    { title: 'Remitentes' },
    html`<p>
        Los fija quien administra el servidor, en el entorno: cambian al volver a arrancar.
        ${
          !isProduction &&
          'Esta instalación no es de producción: lo que envía queda en su bandeja local, salvo las direcciones permitidas.'
        }
      </p>
      ${Object.values(config.senders).map(
        ({ slug, from, replyTo, envelopeFrom, relay, ratePerSecond }) =>
          html`<section>
            <h2>${from.name || from.address}</h2>
            ${facts({
              De: formatMailbox(from),
              'Respuestas a': replyTo ? formatMailbox(replyTo) : 'la misma dirección',
              'Devoluciones a': envelopeFrom,
              Servidor: relay ? `${relay.host}:${relay.port}, ${tlsNames[relay.tls]}` : 'ninguno',
              'Mensajes por segundo': String(ratePerSecond),
              Publicaciones:
                publications
                  .filter(({ sender }) => sender === slug)
                  .map(({ name }) => name)
                  .join(', ') || 'ninguna',
            })}
          </section>`,
      )}`,
  )
}

const formatMailbox = ({ name, address }: Mailbox): string =>
  name === '' ? address : `${name} <${address}>`

const tlsNames = {
  required: 'cifrado obligatorio (STARTTLS)',
  implicit: 'cifrado desde el inicio (TLS)',
  none: 'sin cifrar',
}
