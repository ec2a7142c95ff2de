/** One account: its data, its link, whether it is active. */
import { html } from 'hono/html'
import { Problem, shown } from '../../../errors.ts'
import {
  AccountChanged,
  deactivateAccount,
  editAccount,
  newPasswordLink,
  reactivateAccount,
  versionOf,
} from '../../../flow/users.ts'
import { findAccount, type Account } from '../../../people/accounts.ts'
import type { Html } from '../../env.ts'
import { errorSummary, readForm, textOf, type FormErrors } from '../../form.ts'
import { facts } from '../../page.ts'
import {
  errorsOf,
  personFields,
  readPerson,
  roleFields,
  rolesInWords,
  type Person,
} from '../account/fields.ts'
import { scrolling, shortMoment } from '../dispatches/parts.ts'
import { showPanel } from '../page.ts'
import { panelPaths, type PanelRequest } from '../route.ts'
import { linkPage } from './users-link.ts'

const notes: Record<string, string> = {
  guardado: 'Los cambios quedaron guardados.',
  igual: 'No había nada que cambiar.',
  desactivada: 'La cuenta quedó desactivada y sus sesiones se cerraron.',
}

export async function userPage(request: PanelRequest): Promise<Response> {
  const account = await accountOf(request)
  return showAccount(request, account, { typed: account })
}

async function accountOf({ c, engine }: PanelRequest): Promise<Account> {
  const text = c.req.param('id') ?? ''
  if (/^\d{1,15}$/.test(text)) return findAccount(engine.db, Number(text))
  throw new Problem('notFound', {
    place: 'persona usuaria',
    message: 'no existe',
    value: shown(text),
    remedy: 'Ábrala desde la lista de personas usuarias',
  })
}

interface Shown {
  typed: Person
  errors?: FormErrors
  /** Of the version that the change was decided from. */
  seen?: string
  /** Another person changed the account meanwhile. */
  isConflict?: boolean
}

function showAccount(
  request: PanelRequest,
  account: Account,
  { typed, errors = {}, seen = versionOf(account), isConflict = false }: Shown,
): Promise<Response> {
  const { c, user } = request
  const hasErrors = isConflict || Object.keys(errors).length > 0
  const note = hasErrors ? undefined : notes[c.req.query('listo') ?? '']
  return showPanel(
    request,
    { title: account.name, hasErrors, status: isConflict ? 409 : hasErrors ? 422 : 200 },
    html`${isConflict ? conflict(account, typed) : hasErrors && errorSummary(errors)}
      ${note && html`<div class="box done" role="status"><p>${note}</p></div>`}
      <p><a href="${c.var.link(panelPaths.users)}">Volver a las personas usuarias</a></p>
      ${facts({
        Clave: account.login,
        Cuenta: account.active ? 'Activa' : 'Desactivada',
        Contraseña: account.hasPassword ? 'Ya la eligió' : 'Todavía no la elige',
        'Última entrada': account.lastSignInAt ? shortMoment(account.lastSignInAt) : 'Nunca',
      })}
      <section>
        <h2>Datos y roles</h2>
        <p>Si sus roles cambian, sus sesiones se cierran.</p>
        <form method="post">
          <input type="hidden" name="visto" value="${seen}" />
          ${personFields(request.engine.config, typed, errors)} ${roleFields(typed, errors)}
          <button name="accion" value="guardar">Guardar</button>
        </form>
      </section>
      <section id="cuenta" tabindex="-1">
        <h2>Entrada al panel</h2>
        ${access(request, account)}
      </section>
      ${account.id === user.id && html`<p class="small muted">Es la cuenta con la que entró.</p>`}`,
  )
}

const conflict = (now: Account, typed: Person): Html =>
  html`<div class="box wrong" role="alert" tabindex="-1" autofocus>
      <p>
        Otra persona cambió esta cuenta después de que se abrió la página, y no se guardó nada.
        Comparar las dos versiones: «Guardar» deja la de aquí.
      </p>
    </div>
    ${scrolling(
      'Las dos versiones de la cuenta',
      ['Dato', 'Lo que se escribió aquí', 'Lo que está guardado'],
      [
        ['Nombre', typed.name, now.name],
        ['Correo', typed.email, now.email],
        ['Roles', rolesInWords(typed.roles), rolesInWords(now.roles)],
      ],
    )}`

function access({ c, user }: PanelRequest, account: Account): Html {
  if (account.id === user.id) {
    return html`<p>
      Para cambiar la contraseña propia,
      <a href="${c.var.link(panelPaths.ownAccount)}">abrir Mi cuenta</a>. La cuenta propia la
      desactiva otra persona.
    </p>`
  }
  if (!account.active) {
    return html`<p>Al reactivarla se muestra una liga para que elija una contraseña nueva.</p>
      ${button('reactivar', 'Reactivar')}`
  }
  return html`<p>
      Con una liga nueva, su contraseña y sus ligas de antes dejan de servir y sus sesiones se
      cierran.
    </p>
    ${button('liga', 'Hacer una liga nueva')}
    <p>
      Al desactivarla deja de entrar de inmediato y su contraseña se borra. Lo que hizo queda en la
      bitácora.
    </p>
    ${button('desactivar', 'Desactivar')}`
}

const button = (act: string, name: string): Html =>
  html`<form method="post">
    <button class="second" name="accion" value="${act}">${name}</button>
  </form>`

export async function userAct(request: PanelRequest): Promise<Response> {
  const { c, engine, user } = request
  const account = await accountOf(request)
  const form = await readForm(c)
  const act = textOf(form, 'accion')
  // a form without its act has wrong fields too: nothing that is not asked for is done
  const typed = act === '' || act === 'guardar' ? readPerson(form) : account
  // a form without it decided on no version
  const seen = textOf(form, 'visto').slice(0, 64)
  try {
    switch (act) {
      case 'liga':
        return await linkPage(request, await newPasswordLink(engine, user, account.id))
      case 'reactivar':
        return await linkPage(request, await reactivateAccount(engine, user, account.id))
      case 'desactivar':
        await deactivateAccount(engine, user, account.id)
        return done(request, account, 'desactivada')
      default: {
        const { name, email, roles } = typed
        const change = { name, email, roles }
        const changed = await editAccount(engine, user, account.id, change, seen)
        return done(request, account, changed.length === 0 ? 'igual' : 'guardado')
      }
    }
  } catch (error) {
    if (error instanceof AccountChanged)
      return showAccount(request, await accountOf(request), { typed, isConflict: true })
    const errors = errorsOf(error)
    return showAccount(request, account, { typed, errors, seen })
  }
}

const done = ({ c }: PanelRequest, { id }: Account, what: string): Response =>
  c.redirect(`${c.var.link(panelPaths.user(id))}?listo=${what}`, 303)
