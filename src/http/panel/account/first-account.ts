/** The first account, made in the browser of the machine itself while nobody could ever sign in. */
import { Hono } from 'hono'
import { html } from 'hono/html'
import type { Engine } from '../../../flow/engine.ts'
import { addFirstAccount } from '../../../flow/own-account.ts'
import { isUnclaimed } from '../../../people/accounts.ts'
import type { Html, PageContext, PageEnv } from '../../env.ts'
import { notFoundPage } from '../../error-pages.ts'
import { errorSummary, readForm, type FormErrors } from '../../form.ts'
import type { Limits } from '../../limits.ts'
import { isLocal } from '../../local.ts'
import { showPage } from '../../page.ts'
import { panelPaths } from '../route.ts'
import { keepSession } from './cookie.ts'
import {
  errorsOf,
  loginField,
  newPasswordFields,
  noPerson,
  notRepeated,
  passwordOf,
  personFields,
  readPerson,
  type Person,
} from './fields.ts'

export function firstAccountPages(engine: Engine, limits: Limits): Hono<PageEnv> {
  return new Hono<PageEnv>()
    .get(panelPaths.firstUser, async (c) => {
      if (!(await isOffered(c, engine))) return notFoundPage(c)
      return askPage(c, engine, noPerson, {})
    })
    .post(panelPaths.firstUser, limits.signIns, async (c) => {
      if (!(await isOffered(c, engine))) return notFoundPage(c)
      const form = await readForm(c)
      const person = readPerson(form)
      const unequal = notRepeated(form)
      if (Object.keys(unequal).length > 0) return askPage(c, engine, person, unequal)
      try {
        const session = await addFirstAccount(engine, person, passwordOf(form, 'contrasena'))
        if (session === undefined) return await notFoundPage(c)
        keepSession(c, engine.config.publicUrl, session)
        return c.redirect(`${c.var.link(panelPaths.users)}?listo=primera`, 303)
      } catch (error) {
        return askPage(c, engine, person, errorsOf(error))
      }
    })
}

/** For the page to sign in, when there is nobody who could. */
export async function firstAccountLink(c: PageContext, engine: Engine): Promise<Html> {
  if (!(await isOffered(c, engine))) return html``
  return html`<div class="box">
    <p>
      Todavía no hay cuentas con contraseña.
      <a href="${c.var.link(panelPaths.firstUser)}">Crear la primera cuenta</a>
    </p>
  </div>`
}

const isOffered = async (c: PageContext, engine: Engine): Promise<boolean> =>
  isLocal(c, engine.config) && (await isUnclaimed(engine.db))

function askPage(c: PageContext, engine: Engine, person: Person, errors: FormErrors) {
  const hasErrors = Object.keys(errors).length > 0
  return showPage(
    c,
    { title: 'Crear la primera cuenta', hasErrors, status: hasErrors ? 422 : 200 },
    html`${hasErrors && errorSummary(errors)}
      <p class="lead">
        Nadie tiene contraseña todavía. Esta página sólo se abre desde este equipo y deja de existir
        en cuanto se crea la cuenta.
      </p>
      <div class="box">
        <p>
          La cuenta tendrá el rol de operación, que agrega a las demás personas y les da sus roles.
          Para enviar se necesitan dos personas: quien redacta una edición no la aprueba. Al entrar,
          agregar a la otra; si quien opera también redacta, agregar Captura a su propia cuenta.
        </p>
      </div>
      <form method="post">
        ${loginField(person, errors, 'username')}
        ${personFields(engine.config, person, errors, { isOwn: true })} ${newPasswordFields(errors)}
        <button>Crear la cuenta y entrar</button>
      </form>`,
  )
}
