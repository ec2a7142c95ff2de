/** Signing in and out. What is wrong is said in the same words and the same time for a login that does not exist. */
import { Hono } from 'hono'
import { html } from 'hono/html'
import type { Engine } from '../../../flow/engine.ts'
import { closeSession, findSession, signIn } from '../../../people/sessions.ts'
import type { Html, PageContext, PageEnv } from '../../env.ts'
import { readForm, textOf } from '../../form.ts'
import type { Limits } from '../../limits.ts'
import { showPage } from '../../page.ts'
import {
  backOf,
  carriedField,
  carriedIn,
  carriedPage,
  withoutFiles,
  type Carried,
} from './carried.ts'
import { forgetSession, keepSession, sessionToken } from './cookie.ts'
import { firstAccountLink } from './first-account.ts'
import { oidcLink } from './oidc.ts'
import { panelPaths } from '../route.ts'

export function signInPages(engine: Engine, limits: Limits): Hono<PageEnv> {
  const { config } = engine
  return new Hono<PageEnv>()
    .get(panelPaths.signIn, async (c) => {
      const note = c.req.query('fin')
        ? 'Su sesión terminó y el último cambio no se guardó: entre y hágalo de nuevo.'
        : undefined
      const first = await firstAccountLink(c, engine)
      return signInPage(c, engine, { back: backOf(c.req.query('a')), note, first })
    })
    .post(panelPaths.signIn, limits.signIns, async (c) => {
      const form = await readForm(c)
      const login = textOf(form, 'clave').toLowerCase()
      const password = form.get('contrasena')
      const back = backOf(textOf(form, 'a'))
      const carried = carriedIn(form)
      const at = engine.clock.now()
      if (carried && textOf(form, 'accion') === 'continuar')
        return continueCarried(c, engine, carried)
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
      return signInPage(c, engine, { back, login, problem: notSignedIn, carried, first })
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
export const signInToContinue = (c: PageContext, engine: Engine, carried: Carried) =>
  signInPage(c, engine, { back: panelPaths.agenda, carried, status: 401 })

/** Who signed in beside this page, by an account of the institution, has a session by now. */
async function continueCarried(c: PageContext, engine: Engine, carried: Carried) {
  const { config, db, clock } = engine
  const token = sessionToken(c, config.publicUrl)
  const session = token === undefined ? undefined : await findSession(db, token, clock.now())
  if (session) return carriedPage(c, carried, session.user.name)
  return signInPage(c, engine, { back: panelPaths.agenda, problem: notYetSignedIn, carried })
}

const notYetSignedIn =
  'Todavía no hay una sesión abierta en este navegador: entre en la otra pestaña y vuelva a ésta.'

function signInPage(
  c: PageContext,
  engine: Engine,
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
      ${oidcLink(c, engine, { back, isCarried: carried !== undefined })}
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
        ${
          carried &&
          engine.config.oidc &&
          html`<p>
            <button class="second" name="accion" value="continuar" formnovalidate>
              Continuar con mi texto
            </button>
          </p>`
        }
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
