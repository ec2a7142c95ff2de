/** One's own account: password, and the browsers in which one is signed in. */
import { html } from 'hono/html'
import { changeOwnPassword, closeOwnOtherSessions } from '../../../flow/own-account.ts'
import { sessionsOf } from '../../../people/sessions.ts'
import type { Html } from '../../env.ts'
import { errorSummary, readForm, textOf, type FormErrors } from '../../form.ts'
import { facts } from '../../page.ts'
import { scrolling, shortMoment } from '../dispatches/parts.ts'
import { showPanel } from '../page.ts'
import { panelPaths, type PanelRequest, type PanelRoute } from '../route.ts'
import { keepSession, sessionToken } from './cookie.ts'
import {
  errorsOf,
  loginOfPassword,
  newPasswordFields,
  notRepeated,
  passwordField,
  passwordOf,
  rolesInWords,
} from './fields.ts'

export const ownAccountRoutes: PanelRoute[] = [
  {
    method: 'GET',
    path: panelPaths.ownAccount,
    act: 'account.own',
    answer: (request) => accountPage(request, {}),
  },
  { method: 'POST', path: panelPaths.ownAccount, act: 'account.own', answer: accountAct },
]

const notes: Record<string, string> = {
  contrasena: 'La contraseña cambió y las demás sesiones se cerraron.',
  sesiones: 'Las demás sesiones se cerraron.',
}

async function accountPage(request: PanelRequest, errors: FormErrors): Promise<Response> {
  const { c, user } = request
  const hasErrors = Object.keys(errors).length > 0
  const note = hasErrors ? undefined : notes[c.req.query('listo') ?? '']
  return showPanel(
    request,
    { title: 'Mi cuenta', hasErrors, status: hasErrors ? 422 : 200 },
    html`${hasErrors && errorSummary(errors)}
      ${note && html`<div class="box done" role="status"><p>${note}</p></div>`}
      ${facts({
        Clave: user.login,
        Nombre: user.name,
        Correo: user.email,
        Roles: rolesInWords(user.roles),
      })}
      <p class="small muted">Los cambia quien administra las cuentas.</p>
      <section>
        <h2>Cambiar la contraseña</h2>
        <p>Las demás sesiones se cierran.</p>
        <form method="post" action="${c.var.link(panelPaths.ownAccount)}">
          ${loginOfPassword(user.login)}
          ${passwordField({
            id: 'actual',
            label: 'Contraseña actual',
            error: errors['actual'],
            autocomplete: 'current-password',
          })}
          ${newPasswordFields(errors)}
          <button name="accion" value="contrasena">Cambiar la contraseña</button>
        </form>
      </section>
      ${await sessionSection(request)}`,
  )
}

async function sessionSection({ c, engine, user }: PanelRequest): Promise<Html> {
  const token = sessionToken(c, engine.config.publicUrl) ?? ''
  const open = await sessionsOf(engine.db, user.id, token, engine.clock.now())
  return html`<section>
    <h2>Sesiones abiertas</h2>
    ${scrolling(
      'Navegadores en los que entró con su clave',
      ['Entró', 'Última actividad', 'Cuál es'],
      open.map(({ createdAt, seenAt, isThis }) => [
        shortMoment(createdAt),
        shortMoment(seenAt),
        isThis ? 'Ésta' : 'Otra',
      ]),
    )}
    ${
      open.some(({ isThis }) => !isThis) &&
      html`<form method="post" action="${c.var.link(panelPaths.ownAccount)}">
        <button class="second" name="accion" value="sesiones">Cerrar las demás sesiones</button>
      </form>`
    }
  </section>`
}

async function accountAct(request: PanelRequest): Promise<Response> {
  const { c, engine, user } = request
  const { publicUrl } = engine.config
  const form = await readForm(c)
  if (textOf(form, 'accion') === 'sesiones') {
    await closeOwnOtherSessions(engine, user, sessionToken(c, publicUrl) ?? '')
    return done(request, 'sesiones')
  }
  const unequal = notRepeated(form)
  if (Object.keys(unequal).length > 0) return accountPage(request, unequal)
  try {
    const passwords = { current: passwordOf(form, 'actual'), next: passwordOf(form, 'contrasena') }
    keepSession(c, publicUrl, await changeOwnPassword(engine, user, passwords))
  } catch (error) {
    return accountPage(request, errorsOf(error))
  }
  return done(request, 'contrasena')
}

const done = ({ c }: PanelRequest, what: string): Response =>
  c.redirect(`${c.var.link(panelPaths.ownAccount)}?listo=${what}`, 303)
