/** The vocabulary of states, defined once; the CHECK constraints of src/db/migrations repeat it and a test compares. */

export const editionStates = [
  'planned',
  'ready',
  'approved',
  'held',
  'sending',
  'paused',
  'sent',
  'omitted',
  'cancelled',
] as const
export type EditionState = (typeof editionStates)[number]

/** As staff read them. */
export const editionStateNames: Record<EditionState, string> = {
  planned: 'planeada',
  ready: 'lista',
  approved: 'aprobada',
  held: 'detenida',
  sending: 'en curso',
  paused: 'en pausa',
  sent: 'concluida',
  omitted: 'omitida',
  cancelled: 'cancelada',
}

export const deliveryStates = [
  'pending',
  'sending',
  'accepted',
  'deferred',
  'rejected',
  'failed',
  'suppressed',
  'cancelled',
  'unknown',
] as const
export type DeliveryState = (typeof deliveryStates)[number]

/** Those of a delivery of which there is nothing to say; all others are in its column `trouble` too. */
export const usualStates: DeliveryState[] = ['pending', 'sending', 'accepted']

/** As staff read them: `accepted` is never called «entregado». */
export const deliveryStateNames: Record<DeliveryState, string> = {
  pending: 'en cola',
  sending: 'enviando',
  accepted: 'aceptado por el servidor',
  deferred: 'fallo temporal (se reintenta)',
  rejected: 'rechazo permanente',
  failed: 'fallo técnico',
  suppressed: 'omitido',
  cancelled: 'cancelado',
  unknown: 'resultado incierto',
}

/** Why an address is not mailed although it is on a list. */
export const suppressionReasons = [
  'unsubscribed',
  'bounced',
  'complaint',
  'staff',
  'blocked',
  'erased',
] as const
export type SuppressionReason = (typeof suppressionReasons)[number]

/** As staff read them. */
export const suppressionReasonNames: Record<SuppressionReason, string> = {
  unsubscribed: 'se dio de baja',
  bounced: 'su dirección rechaza el correo',
  complaint: 'lo marcó como no deseado',
  staff: 'por decisión del área',
  blocked: 'pidió cancelar sus datos',
  erased: 'sus datos se suprimieron',
}

/** What an attempt can leave. */
export type Outcome = Extract<
  DeliveryState,
  'accepted' | 'deferred' | 'rejected' | 'failed' | 'unknown'
>

/** How far an SMTP conversation went; `dot`: the last byte may have been written; `lost`: nobody saw its end. */
export type Phase = 'connect' | 'envelope' | 'body' | 'dot' | 'lost'

/** Deliveries of an edition by state; every state is present. Their sum is its recipients. */
export type Totals = Record<DeliveryState, number>

export const recipientsOf = (totals: Totals): number =>
  deliveryStates.reduce((sum, state) => sum + totals[state], 0)

/** Deliveries that nobody will touch again by itself: an edition whose deliveries are all final is `sent`. */
export const unfinishedOf = (totals: Totals): number =>
  totals.pending + totals.sending + totals.deferred

/** Finished, but not as intended. */
export const failuresOf = (totals: Totals): number =>
  totals.rejected + totals.failed + totals.unknown
