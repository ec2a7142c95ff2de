/** Mail on request in steps: what, to whom, when, and one last look. */
import type { PanelRoute } from '../route.ts'

export const requestRoutes: PanelRoute[] = []
