/** Signing in and out. What is wrong is said in the same words and the same time for a login that does not exist. */
import { Hono } from 'hono'
import { html } from 'hono/html'
import type { Engine } from '../../../flow/engine.ts'
import { closeSession, signIn } from '../../../people/sessions.ts'
import type { Html, PageContext, PageEnv } from '../../env.ts'
import { readForm, textOf } from '../../form.ts'
import type { Limits } from '../../limits.ts'
import { showPage } from '../../page.ts'
import { carriedField, carriedIn, carriedPage, withoutFiles, type Carried } from './carried.ts'
import { forgetSession, keepSession, sessionToken } from './cookie.ts'
import { firstAccountLink } from './first-account.ts'
import { panelPaths } from '../route.ts'

export function signInPages(engine: Engine, limits: Limits): Hono<PageEnv> {
  const { config } = engine
  return new Hono<PageEnv>()
    .get(panelPaths.signIn, async (c) => {
      const note = c.req.query('fin')
        ? 'Su sesión terminó y el último cambio no se guardó: entre y hágalo de nuevo.'
        : undefined
      const first = await firstAccountLink(c, engine)
      return signInPage(c, { back: backOf(c.req.query('a')), note, first })
    })
    .post(panelPaths.signIn, limits.signIns, async (c) => {
      const form = await readForm(c)
      const login = textOf(form, 'clave').toLowerCase()
      const password = form.get('contrasena')
      const back = backOf(textOf(form, 'a'))
      const carried = carriedIn(form)
      const at = engine.clock.now()
      const result = await signIn(
        engine.db,
        login,
        typeof password === 'string' ? password : '',
        at,
      )
      if (result.ok) {
        keepSession(c, config.publicUrl, result.token)
        return carried
          ? carriedPage(c, carried, result.user.name)
          : c.redirect(c.var.link(back), 303)
      }
      const first = await firstAccountLink(c, engine)
      return signInPage(c, { back, login, problem: notSignedIn, carried, first })
    })
    .post(panelPaths.signOut, async (c) => {
      const token = sessionToken(c, config.publicUrl)
      if (token !== undefined) await closeSession(engine.db, token)
      forgetSession(c, config.publicUrl)
      return c.redirect(c.var.link(panelPaths.signIn), 303)
    })
}

/** Locked or wrong: the same words, or a lock would tell which logins exist. */
const notSignedIn =
  'La clave o la contraseña no son correctas, o hubo demasiados intentos: espere 15 minutos.'

/** For a form that came without a session: nothing of its text is lost. */
export const signInToContinue = (c: PageContext, carried: Carried) =>
  signInPage(c, { back: panelPaths.agenda, carried, status: 401 })

/** A page of the panel and of nothing else: an address from outside must not send anybody anywhere. */
function backOf(asked: string | undefined): `/panel${string}` {
  return asked !== undefined && /^\/panel(\/[\w/-]*)?(\?[\w=&%.-]*)?$/.test(asked)
    ? (asked as `/panel${string}`)
    : panelPaths.agenda
}

function signInPage(
  c: PageContext,
  {
    back,
    login = '',
    note,
    problem,
    carried,
    first,
    status = problem ? 401 : 200,
  }: {
    back: string
    login?: string
    note?: string | undefined
    problem?: string
    carried?: Carried | undefined
    /** While nobody can sign in, the way to the first account. */
    first?: Html
    status?: 200 | 401
  },
) {
  return showPage(
    c,
    { title: 'Entrar al panel', status, hasErrors: problem !== undefined },
    html`${problem && html`<div class="box wrong" role="alert" tabindex="-1" autofocus><p>${problem}</p></div>`}
      ${first} ${note && html`<div class="box"><p>${note}</p></div>`}
      ${carried && carriedNote(carried)}
      <form
        method="post"
        action="${c.var.link(panelPaths.signIn)}"
        ${carried && html`enctype="multipart/form-data"`}
      >
        <input type="hidden" name="a" value="${back}" />
        ${carried && carriedField(carried)}
        <div class="field">
          <label for="clave">Clave</label>
          <input
            id="clave"
            name="clave"
            type="text"
            value="${login}"
            autocomplete="username"
            autocapitalize="none"
            spellcheck="false"
            maxlength="40"
            required
          />
        </div>
        <div class="field">
          <label for="contrasena">Contraseña</label>
          <input
            id="contrasena"
            name="contrasena"
            type="password"
            autocomplete="current-password"
            required
          />
        </div>
        <button>Entrar</button>
      </form>
      <p class="small muted">
        ¿No recuerda su contraseña? Pida otra a quien administra las cuentas.
      </p>`,
  )
}

const carriedNote = ({ hadFiles }: Carried) =>
  html`<div class="box" role="status">
    <p>
      Su sesión terminó. Lo que escribió está a salvo en esta página: entre y podrá continuar.
      ${hadFiles && withoutFiles}
    </p>
  </div>`
