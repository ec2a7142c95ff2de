/** The edition that an address of the panel names. */
import { findEdition, type Edition } from '../../../editions/editions.ts'
import { Problem } from '../../../errors.ts'
import type { PanelRequest } from '../route.ts'

export async function editionOf({ engine, c }: PanelRequest): Promise<Edition> {
  const text = c.req.param('id') ?? ''
  if (/^\d{1,9}$/.test(text)) return findEdition(engine.db, Number(text))
  throw new Problem('notFound', {
    place: 'edición',
    message: 'no existe',
    remedy: 'Búsquela en la agenda',
  })
}
