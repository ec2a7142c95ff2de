/** Where a person sets their own password, from a link that serves once. Reading the page changes nothing. */
import { Hono } from 'hono'
import { html } from 'hono/html'
import type { Engine } from '../../../flow/engine.ts'
import { setPasswordByLink } from '../../../flow/own-account.ts'
import { userOfLink } from '../../../people/password-links.ts'
import type { User } from '../../../people/users.ts'
import type { PageContext, PageEnv } from '../../env.ts'
import { errorSummary, readForm, type FormErrors } from '../../form.ts'
import type { Limits } from '../../limits.ts'
import { showPage } from '../../page.ts'
import { panelPaths } from '../route.ts'
import { keepSession } from './cookie.ts'
import { errorsOf, loginOfPassword, newPasswordFields, notRepeated, passwordOf } from './fields.ts'

export function passwordLinkPages(engine: Engine, limits: Limits): Hono<PageEnv> {
  const userOf = (token: string) => userOfLink(engine.db, engine.keys, token, engine.clock.now())
  return new Hono<PageEnv>()
    .get(panelPaths.setPassword(':token'), async (c) => {
      const user = await userOf(c.req.param('token'))
      return user ? askPage(c, user, {}) : spentPage(c)
    })
    .post(panelPaths.setPassword(':token'), limits.signIns, async (c) => {
      const token = c.req.param('token')
      const user = await userOf(token)
      if (!user) return spentPage(c)
      const form = await readForm(c)
      const unequal = notRepeated(form)
      if (Object.keys(unequal).length > 0) return askPage(c, user, unequal)
      try {
        const session = await setPasswordByLink(engine, token, passwordOf(form, 'contrasena'))
        if (session === undefined) return await spentPage(c)
        keepSession(c, engine.config.publicUrl, session)
        return c.redirect(c.var.link(panelPaths.agenda), 303)
      } catch (error) {
        return askPage(c, user, errorsOf(error))
      }
    })
}

function askPage(c: PageContext, user: User, errors: FormErrors) {
  const hasErrors = Object.keys(errors).length > 0
  return showPage(
    c,
    { title: 'Elegir contraseña', hasErrors, status: hasErrors ? 422 : 200 },
    html`${hasErrors && errorSummary(errors)}
      <p class="lead">
        Es la cuenta de ${user.name}, con la clave <strong>${user.login}</strong>. La contraseña que
        elija no la conoce nadie más.
      </p>
      <form method="post">
        ${loginOfPassword(user.login)} ${newPasswordFields(errors)}
        <button>Guardar y entrar</button>
      </form>`,
  )
}

function spentPage(c: PageContext) {
  return showPage(
    c,
    { title: 'Esta liga ya no sirve', status: 404 },
    html`<p class="lead">
        Cada liga sirve una vez, durante 24 horas, y una más reciente la sustituye. Si la copió,
        revise que esté completa.
      </p>
      <p>
        Si ya eligió su contraseña, <a href="${c.var.link(panelPaths.signIn)}">entre al panel</a>.
        Si no, pida otra liga a quien administra las cuentas.
      </p>`,
  )
}
