/** Who may enter, and as what. */
import { html } from 'hono/html'
import { addAccount } from '../../../flow/users.ts'
import { listAccounts, type Account } from '../../../people/accounts.ts'
import { errorSummary, readForm, type FormErrors } from '../../form.ts'
import {
  errorsOf,
  loginField,
  noPerson,
  personFields,
  readPerson,
  roleFields,
  rolesInWords,
  type Person,
} from '../account/fields.ts'
import { ownAccountRoutes } from '../account/own-account.ts'
import { scrolling, shortMoment } from '../dispatches/parts.ts'
import { showPanel } from '../page.ts'
import { panelPaths, type PanelRequest, type PanelRoute } from '../route.ts'
import { linkPage } from './users-link.ts'
import { userAct, userPage } from './users-one.ts'

export const userRoutes: PanelRoute[] = [
  {
    method: 'GET',
    path: panelPaths.users,
    act: 'users.add',
    answer: (request) => usersPage(request, noPerson, {}),
  },
  { method: 'POST', path: panelPaths.users, act: 'users.add', answer: addAct },
  { method: 'GET', path: panelPaths.user(':id'), act: 'users.add', answer: userPage },
  { method: 'POST', path: panelPaths.user(':id'), act: 'users.add', answer: userAct },
  ...ownAccountRoutes,
]

const firstNote =
  'La cuenta quedó creada. Falta al menos otra persona: quien redacta una edición no la aprueba.'

async function usersPage(
  request: PanelRequest,
  typed: Person,
  errors: FormErrors,
): Promise<Response> {
  const { c, engine } = request
  const hasErrors = Object.keys(errors).length > 0
  const note = !hasErrors && c.req.query('listo') === 'primera' && firstNote
  const accounts = await listAccounts(engine.db)
  return showPanel(
    request,
    { title: 'Personas usuarias', hasErrors, status: hasErrors ? 422 : 200 },
    html`${hasErrors && errorSummary(errors)}
      ${note && html`<div class="box done" role="status"><p>${note}</p></div>`}
      ${scrolling(
        'Personas que usan el panel',
        ['Nombre', 'Clave', 'Correo', 'Roles', 'Cuenta', 'Última entrada'],
        accounts.map((account) => [
          html`<a href="${c.var.link(panelPaths.user(account.id))}">${account.name}</a>`,
          account.login,
          account.email,
          rolesInWords(account.roles),
          standOf(account),
          account.lastSignInAt ? shortMoment(account.lastSignInAt) : 'Nunca',
        ]),
      )}
      <section>
        <h2>Agregar a una persona</h2>
        <p>
          Al agregarla se muestra una liga, una sola vez. Con ella la persona elige su contraseña,
          que nadie más conoce.
        </p>
        <form method="post" action="${c.var.link(panelPaths.users)}">
          ${loginField(typed, errors, 'off')} ${personFields(request.engine.config, typed, errors)}
          ${roleFields(typed, errors)}
          <button>Agregar y hacer la liga</button>
        </form>
      </section>`,
  )
}

function standOf({ active, hasPassword }: Account): string {
  if (!active) return 'Desactivada'
  return hasPassword ? 'Activa' : 'Activa, sin contraseña'
}

async function addAct(request: PanelRequest): Promise<Response> {
  const typed = readPerson(await readForm(request.c))
  try {
    return await linkPage(request, await addAccount(request.engine, request.user, typed))
  } catch (error) {
    return usersPage(request, typed, errorsOf(error))
  }
}
