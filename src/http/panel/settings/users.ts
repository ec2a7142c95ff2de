/** Who may enter, and as what. */
import type { PanelRoute } from '../route.ts'

export const userRoutes: PanelRoute[] = []
