/** The states of an edition as one table: which act leads from where to where. */
import { editionStateNames, type EditionState } from '../states.ts'
import type { Fault } from '../errors.ts'

export const acts = {
  'content.add': {
    from: ['planned', 'ready', 'approved'],
    to: 'planned',
    name: 'agregar contenido',
  },
  // what is held stays held, and is announced once, until it is ready
  'content.mend': { from: ['held'], to: 'held', name: 'agregar contenido' },
  ready: { from: ['planned', 'held'], to: 'ready', name: 'marcar como lista' },
  // the calendar or jobs/ changed: another hour breaks the seal, and what has no slot any more is omitted
  replan: { from: ['planned', 'ready', 'approved'], to: 'planned', name: 'cambiar de hora' },
  reopen: { from: ['omitted'], to: 'planned', name: 'volver a planear' },
  approve: { from: ['ready', 'held'], to: 'approved', name: 'aprobar' },
  return: { from: ['ready', 'approved'], to: 'planned', name: 'devolver' },
  'return.held': { from: ['held'], to: 'held', name: 'devolver' },
  hold: { from: ['planned', 'ready', 'approved'], to: 'held', name: 'detener' },
  omit: { from: ['planned', 'held', 'ready', 'approved'], to: 'omitted', name: 'omitir' },
  release: { from: ['ready', 'approved'], to: 'sending', name: 'enviar' },
  pause: { from: ['sending'], to: 'paused', name: 'pausar' },
  resume: { from: ['paused'], to: 'sending', name: 'reanudar' },
  // what failed, or is not known, is queued again
  resend: { from: ['sent'], to: 'sending', name: 'reenviar' },
  close: { from: ['sending'], to: 'sent', name: 'concluir' },
  cancel: {
    from: ['planned', 'held', 'ready', 'approved', 'sending', 'paused'],
    to: 'cancelled',
    name: 'cancelar',
  },
} as const satisfies Record<
  string,
  { from: readonly EditionState[]; to: EditionState; name: string }
>
export type EditionAct = keyof typeof acts

export function permits(act: EditionAct, state: EditionState): boolean {
  return (acts[act].from as readonly EditionState[]).includes(state)
}

/** Why the act is refused in this state, and what is possible instead (es). */
export function refusal(act: EditionAct, edition: { id: number; state: EditionState }): Fault {
  const possible = Object.values(acts)
    .filter((other) => (other.from as readonly EditionState[]).includes(edition.state))
    .map((other) => other.name)
  return {
    place: `edición ${edition.id}`,
    message: `no se puede ${acts[act].name}: está ${editionStateNames[edition.state]}`,
    remedy:
      possible.length > 0 ? `Desde ahí es posible: ${possible.join(', ')}` : 'Ya no admite cambios',
  }
}
