/** Taking a row out of the manual register: asked first, and of the row as it was read. */
import { html } from 'hono/html'
import { removeRow } from '../../../flow/register.ts'
import type { Quarter } from '../../../report/quarter.ts'
import { versionOf, type RegisterRow } from '../../../report/register.ts'
import { readForm, textOf } from '../../form.ts'
import { showPanel } from '../page.ts'
import { quarterOf } from './parts.ts'
import { closedNote } from './register.ts'
import { backToRegister, done, rowFacts, rowOf } from './row-parts.ts'
import { panelPaths, type PanelRequest } from '../route.ts'

export async function removePage(request: PanelRequest): Promise<Response> {
  const quarter = quarterOf(request)
  return showRemove(request, quarter, await rowOf(request, quarter))
}

async function showRemove(
  request: PanelRequest,
  quarter: Quarter,
  row: RegisterRow,
  { overtaken = false } = {},
): Promise<Response> {
  const { c } = request
  return showPanel(
    request,
    { title: `Quitar el renglón ${row.id}`, ...(overtaken && { status: 409, hasErrors: true }) },
    html`${backToRegister(request, quarter)}
      ${
        overtaken &&
        html`<div class="box wrong" role="alert" tabindex="-1" autofocus>
          <p>No se quitó: otra persona lo cambió mientras tanto. Así quedó:</p>
        </div>`
      }
      ${await rowFacts(request, row)} ${await closedNote(request, quarter)}
      <p>Deja de imprimirse y de contarse. La bitácora lo conserva, con quién lo quitó.</p>
      <form method="post" action="${c.var.link(panelPaths.removeRow(quarter.name, row.id))}">
        <input type="hidden" name="version" value="${versionOf(row)}" />
        <button>Quitar el renglón</button>
      </form>
      <p><a href="${c.var.link(panelPaths.row(quarter.name, row.id))}">Dejarlo como está</a></p>`,
  )
}

export async function removeAct(request: PanelRequest): Promise<Response> {
  const { c, engine, user } = request
  const quarter = quarterOf(request)
  const row = await rowOf(request, quarter)
  const version = textOf(await readForm(c), 'version')
  if (version !== versionOf(row)) return showRemove(request, quarter, row, { overtaken: true })
  await removeRow(engine, user, row.id, { version })
  return done(request, quarter, 'quitado')
}
