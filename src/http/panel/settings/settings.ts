/** What is set up: rest days, topics, senders, publications. */
import type { PanelRoute } from '../route.ts'

export const settingsRoutes: PanelRoute[] = []
