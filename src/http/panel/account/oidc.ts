/** Signing in by an account of the institution. A link leads there: the policy of our pages lets no form lead elsewhere. */
import { Hono } from 'hono'
import { html } from 'hono/html'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Engine } from '../../../flow/engine.ts'
import { linkTo } from '../../../links.ts'
import { signInByAddress } from '../../../people/institutional.ts'
import {
  attemptMinutes,
  backOfAttempt,
  failureOf,
  newAttempt,
  oidcProvider,
  type OidcFailure,
} from '../../../people/oidc.ts'
import type { Html, PageContext, PageEnv } from '../../env.ts'
import type { Limits } from '../../limits.ts'
import { showPage } from '../../page.ts'
import { panelPaths } from '../route.ts'
import { backOf } from './carried.ts'
import { keepAttempt, keepSession, takeAttempt } from './cookie.ts'

/** No page at all where it is not configured. */
export function oidcPages(engine: Engine, limits: Limits): Hono<PageEnv> {
  const { config, db, keys, clock } = engine
  if (!config.oidc) return new Hono<PageEnv>()
  const provider = oidcProvider(config.oidc)
  const returnUrl = () => linkTo(config.publicUrl, panelPaths.institutionalReturn)
  return new Hono<PageEnv>()
    .get(panelPaths.institutional, async (c) => {
      const back = backOf(c.req.query('a'))
      const attempt = newAttempt(keys, back, clock.now())
      try {
        const url = await provider.signInUrl(attempt, returnUrl())
        keepAttempt(c, config.publicUrl, attempt)
        return c.redirect(url.href)
      } catch (error) {
        return failed(c, engine, error, back)
      }
    })
    .get(panelPaths.institutionalReturn, limits.signIns, async (c) => {
      const attempt = takeAttempt(c, config.publicUrl) ?? ''
      const back = backOfAttempt(keys, attempt, clock.now())
      if (back === undefined) return refused(c, engine, 'spent', panelPaths.agenda)
      let address
      try {
        address = await provider.addressOf(
          attempt,
          new URL(returnUrl() + new URL(c.req.url).search),
        )
      } catch (error) {
        return failed(c, engine, error, back)
      }
      if (address === undefined) return refused(c, engine, 'unverified', back)
      const session = await signInByAddress(db, address, clock.now())
      if (session === undefined) return refused(c, engine, 'unknown', back)
      keepSession(c, config.publicUrl, session)
      return c.redirect(c.var.link(backOf(back)), 303)
    })
}

/** With a text that is carried it opens beside the page that holds it. */
export function oidcLink(
  c: PageContext,
  { config }: Pick<Engine, 'config'>,
  { back, isCarried }: { back: string; isCarried: boolean },
): Html {
  if (!config.oidc) return html``
  const url = `${c.var.link(panelPaths.institutional)}?a=${encodeURIComponent(back)}`
  const { button } = config.oidc
  return isCarried
    ? html`<div class="box">
        <p><a href="${url}" target="_blank">${button} (se abre en otra pestaña)</a></p>
        <p>
          Después de entrar, vuelva a esta pestaña y oprima «Continuar con mi texto». O entre aquí
          con su clave y contraseña.
        </p>
      </div>`
    : html`<div class="box">
          <p><a href="${url}">${button}</a></p>
        </div>
        <p>O con su clave y contraseña del panel:</p>`
}

function failed(c: PageContext, engine: Engine, error: unknown, back: string) {
  const { failure, detail } = failureOf(error)
  return refused(c, engine, failure, back, detail)
}

type Refusal = OidcFailure | 'unverified' | 'unknown'

const refusals: Record<Refusal, { title: string; status: ContentfulStatusCode; text: string }> = {
  spent: {
    title: 'Este intento de entrar ya no sirve',
    status: 400,
    text: `Cada intento sirve una vez, durante ${attemptMinutes} minutos y en el navegador en el que empezó. Empiece de nuevo.`,
  },
  denied: {
    title: 'No se completó la entrada',
    status: 403,
    text: 'La entrada con la cuenta institucional se canceló, o no se permitió. No se hizo ningún cambio.',
  },
  unavailable: {
    title: 'No se pudo comprobar la cuenta institucional',
    status: 503,
    text: 'El servicio de cuentas de la institución no respondió como debe. Espere unos minutos e inténtelo de nuevo; si vuelve a ocurrir, avise a quien administra el sistema: quedó registrado.',
  },
  unverified: {
    title: 'El correo de la cuenta no está verificado',
    status: 403,
    text: 'El servicio de cuentas de la institución no confirma de quién es el correo de la cuenta con la que entró. Pida que lo verifiquen a quien administra ese servicio.',
  },
  unknown: {
    title: 'Esta cuenta no tiene acceso al panel',
    status: 403,
    text: 'Se necesita una cuenta del panel, activa y única, con el correo de la cuenta institucional. Pídala a quien administra las cuentas del panel. Si entró con una cuenta que no es la suya, ciérrela antes en el servicio de la institución.',
  },
}

function refused(
  c: PageContext,
  { log }: Engine,
  refusal: Refusal,
  back: string,
  detail: object = {},
) {
  log.warn({ refusal, ...detail }, 'institutional sign-in refused')
  const { title, status, text } = refusals[refusal]
  const url = `${c.var.link(panelPaths.signIn)}?a=${encodeURIComponent(back)}`
  return showPage(
    c,
    { title, status },
    html`<p class="lead">${text}</p>
      <p>
        <a href="${url}">Volver a la página para entrar</a>, donde también sirven la clave y la
        contraseña del panel.
      </p>`,
  )
}
