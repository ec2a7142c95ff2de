/** What waits for approval, against what was approved before. */
import type { PanelRoute } from '../route.ts'

export const approvalRoutes: PanelRoute[] = []
