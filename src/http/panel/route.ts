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
  newRequest: '/panel/correos/nuevo' as const,
  /** A step of a mail on request: asunto, mensaje, evento, audiencia, cuando, revisar. */
  request: (id: number | ':id', step: string) => `/panel/correos/${id}/${step}` as const,
  discardRequest: (id: number | ':id') => `/panel/correos/${id}/descartar` as const,
  approvals: '/panel/aprobaciones' as const,
  return: (id: number | ':id') => `/panel/ediciones/${id}/devolver` as const,
  test: (id: number | ':id') => `/panel/ediciones/${id}/prueba` as const,
  view: (id: number | ':id') => `/panel/ediciones/${id}/vista` as const,
  progress: (id: number | ':id') => `/panel/ediciones/${id}/avance` as const,
  pause: (id: number | ':id') => `/panel/ediciones/${id}/pausar` as const,
  resume: (id: number | ':id') => `/panel/ediciones/${id}/reanudar` as const,
  resend: (id: number | ':id') => `/panel/ediciones/${id}/reenviar` as const,
  resolve: (id: number | ':id') => `/panel/ediciones/${id}/inciertos` as const,
  correct: (id: number | ':id') => `/panel/ediciones/${id}/alcance` as const,
  calendarFile: '/panel/agenda.ics' as const,
  sessions: '/panel/sesiones' as const,
  session: '/panel/sesiones/sesion' as const,
  leaves: '/panel/audiencias/bajas' as const,
  settings: '/panel/configuracion' as const,
  restDays: '/panel/configuracion/dias-inhabiles' as const,
  topics: '/panel/configuracion/temas' as const,
  senders: '/panel/configuracion/remitentes' as const,
  publications: '/panel/configuracion/publicaciones' as const,
  users: '/panel/configuracion/usuarios' as const,
  user: (id: number | ':id') => `/panel/configuracion/usuarios/${id}` as const,
  audit: '/panel/bitacora' as const,
  ownAccount: '/panel/cuenta' as const,
  firstUser: '/panel/primera-cuenta' as const,
  stay: '/panel/sesion' as const,
  demoData: '/panel/datos-de-demostracion' as const,
  recipientsCsv: (id: number | ':id') => `/panel/ediciones/${id}/destinatarios.csv` as const,
  auditCsv: '/panel/bitacora.csv' as const,
  setPassword: <Token extends string>(token: Token) => `/panel/contrasena/${token}` as const,
  institutional: '/panel/entrar/institucional' as const,
  institutionalReturn: '/panel/entrar/institucional/regreso' as const,
}
