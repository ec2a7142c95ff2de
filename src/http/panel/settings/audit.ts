/** The audit log, page by page. */
import type { PanelRoute } from '../route.ts'

export const auditRoutes: PanelRoute[] = []
