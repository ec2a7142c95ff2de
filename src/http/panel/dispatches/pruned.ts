/** What pages say of an edition whose recipients are kept no longer. */
import { html } from 'hono/html'
import type { Edition } from '../../../editions/editions.ts'
import { Problem } from '../../../errors.ts'
import { longTime } from '../../../flow/hold.ts'
import type { Html } from '../../env.ts'

/** Empty for all others. */
export function prunedNote({ prunedAt }: Pick<Edition, 'prunedAt'>): Html {
  if (prunedAt === null) return html``
  return html`<p>
    El detalle se depuró el ${longTime(prunedAt)}: de este envío se conservan los totales, no a
    quién se envió.
  </p>`
}

/** For what would be a file of nobody. */
export function refusePruned({ id, prunedAt }: Pick<Edition, 'id' | 'prunedAt'>): void {
  if (prunedAt === null) return
  throw new Problem('refused', {
    place: `edición ${id}`,
    message: `su detalle se depuró el ${longTime(prunedAt)}`,
    remedy: 'Sus totales están en la página de la edición',
  })
}

/** `until`: when the last pruned edition had concluded; null: none was. */
export function prunedBeforeNote(until: Date | null): Html {
  if (until === null) return html``
  return html`<p>
    De envíos que concluyeron hasta el ${longTime(until)} puede haberse depurado el detalle: de
    ellos se conservan los totales, no a quién se envió.
  </p>`
}
