/** INE sessions, entered once. */
import type { PanelRoute } from './route.ts'

export const sessionRoutes: PanelRoute[] = []
