/** A page or an act of the panel, with who may: no route exists without its rule, and a test walks them all. */
import type { Engine } from '../../flow/engine.ts'
import type { Act, User } from '../../people/users.ts'
import type { PageContext } from '../env.ts'

export interface PanelRequest {
  c: PageContext
  engine: Engine
  user: User
  /** When the session ends without another request. */
  sessionEndsAt: Date
}

export interface PanelRoute {
  method: 'GET' | 'POST'
  path: `/panel${string}`
  /** An act of src/people/users.ts: the same rule as in the CLI. */
  act: Act
  answer: (request: PanelRequest) => Response | Promise<Response>
}

export const panelPaths = {
  agenda: '/panel' as const,
  signIn: '/panel/entrar' as const,
  signOut: '/panel/salir' as const,
  dispatches: '/panel/registro' as const,
  audiences: '/panel/audiencias' as const,
  upload: '/panel/audiencias/importar' as const,
  report: '/panel/informe' as const,
  edition: (id: number | ':id') => `/panel/ediciones/${id}` as const,
  content: (id: number | ':id') => `/panel/ediciones/${id}/contenido` as const,
  preview: (id: number | ':id') => `/panel/ediciones/${id}/correo` as const,
  approve: (id: number | ':id') => `/panel/ediciones/${id}/aprobar` as const,
  ready: (id: number | ':id') => `/panel/ediciones/${id}/lista` as const,
  cancel: (id: number | ':id') => `/panel/ediciones/${id}/cancelar` as const,
  quarter: (quarter: string) => `/panel/informe/${quarter}` as const,
  reportSection: (quarter: string, section: string) =>
    `/panel/informe/${quarter}/apartados/${section}` as const,
  discrepancies: (quarter: string) => `/panel/informe/${quarter}/discrepancias` as const,
  /** `archivo.docx`, `sellado.xlsx` */
  reportFile: (quarter: string, name: string) => `/panel/informe/${quarter}/${name}` as const,
  tableFile: (quarter: string, table: string) =>
    `/panel/informe/${quarter}/tablas/${table}/archivo.csv` as const,
  register: (quarter: string) => `/panel/informe/${quarter}/renglones` as const,
  newRow: (quarter: string, table: string) =>
    `/panel/informe/${quarter}/tablas/${table}/renglon` as const,
  row: (quarter: string, row: number | ':row') =>
    `/panel/informe/${quarter}/renglones/${row}` as const,
  removeRow: (quarter: string, row: number | ':row') =>
    `/panel/informe/${quarter}/renglones/${row}/quitar` as const,
  figures: (quarter: string) => `/panel/informe/${quarter}/cifras` as const,
  closeQuarter: (quarter: string) => `/panel/informe/${quarter}/cerrar` as const,
  import: (id: number | ':id') => `/panel/audiencias/importar/${id}` as const,
  confirmImport: (id: number | ':id') => `/panel/audiencias/importar/${id}/confirmar` as const,
  discardImport: (id: number | ':id') => `/panel/audiencias/importar/${id}/descartar` as const,
  undoImport: (id: number | ':id') => `/panel/audiencias/importar/${id}/deshacer` as const,
  importReport: (id: number | ':id') => `/panel/audiencias/importar/${id}/informe.csv` as const,
  leaveRequest: '/panel/audiencias/baja' as const,
  person: '/panel/audiencias/persona' as const,
  personFile: '/panel/audiencias/persona/expediente' as const,
  blockPerson: '/panel/audiencias/persona/bloquear' as const,
  unblockPerson: '/panel/audiencias/persona/desbloquear' as const,
  erasePerson: '/panel/audiencias/persona/suprimir' as const,
  dispatchesTo: '/panel/registro/destinatario' as const,
  recipients: (id: number | ':id') => `/panel/ediciones/${id}/destinatarios` as const,
  recipientsCsv: (id: number | ':id') => `/panel/ediciones/${id}/destinatarios.csv` as const,
}
