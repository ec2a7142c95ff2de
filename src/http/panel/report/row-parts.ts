/** What the pages of a row share: finding it, what it says, and the ways back. */
import { html } from 'hono/html'
import { Problem } from '../../../errors.ts'
import { longTime } from '../../../flow/hold.ts'
import type { Quarter } from '../../../report/quarter.ts'
import { readRegister, type RegisterRow } from '../../../report/register.ts'
import type { Html } from '../../env.ts'
import { facts } from '../../page.ts'
import { backToQuarter } from './parts.ts'
import { authorNames, datesText } from './register.ts'
import { panelPaths, type PanelRequest } from '../route.ts'

export async function findRow({ c, engine }: PanelRequest, { name }: Quarter) {
  const text = c.req.param('row') ?? ''
  if (!/^\d{1,9}$/.test(text)) return undefined
  const rows = await readRegister(engine.db, { quarter: name })
  return rows.find(({ id }) => id === Number(text))
}

export async function rowOf(request: PanelRequest, quarter: Quarter): Promise<RegisterRow> {
  const row = await findRow(request, quarter)
  if (row) return row
  throw new Problem('notFound', {
    place: 'renglón',
    message: `no está entre los de ${quarter.name}`,
    remedy: 'Búsquelo en la lista de renglones capturados: quizá alguien lo quitó',
  })
}

export const backToRegister = (request: PanelRequest, quarter: Quarter): Html =>
  html`${backToQuarter(request, quarter)}
    <p>
      <a href="${request.c.var.link(panelPaths.register(quarter.name))}"
        >Renglones capturados de ${quarter.name}</a
      >
    </p>`

export const done = ({ c }: PanelRequest, { name }: Quarter, what: string): Response =>
  c.redirect(`${c.var.link(panelPaths.register(name))}?hecho=${what}`, 303)

export async function rowFacts({ engine }: PanelRequest, row: RegisterRow): Promise<Html> {
  const names = await authorNames(engine, [row])
  return facts({
    Tabla: row.tableId,
    ...(row.dates.length > 0 && { Fechas: datesText(row) }),
    Texto: row.lineText,
    ...(row.topic !== null && { Tema: row.topic }),
    'Lo capturó': `${names.get(row.authorId) ?? ''}, ${longTime(row.createdAt)}`,
    ...(row.editedAt !== null && { 'Se corrigió': longTime(row.editedAt) }),
  })
}
