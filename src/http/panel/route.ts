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
  edition: (id: number | ':id') => `/panel/ediciones/${id}` as const,
  preview: (id: number | ':id') => `/panel/ediciones/${id}/correo` as const,
  approve: (id: number | ':id') => `/panel/ediciones/${id}/aprobar` as const,
  ready: (id: number | ':id') => `/panel/ediciones/${id}/lista` as const,
  cancel: (id: number | ':id') => `/panel/ediciones/${id}/cancelar` as const,
}
