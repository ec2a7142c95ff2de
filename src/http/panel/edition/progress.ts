/** A dispatch on its way: how far it is, and what its operator can do. */
import { html } from 'hono/html'
import type { Edition } from '../../../editions/editions.ts'
import type { Html } from '../../env.ts'
import type { PanelRequest, PanelRoute } from '../route.ts'

export const progressRoutes: PanelRoute[] = []

/** What became of its recipients, live while it is on its way. Empty before it leaves. */
export const progressSection = async (_: PanelRequest, __: Edition): Promise<Html> => html``

/** Pause, resume, cancel the rest, resend, say what became of the unknown: those that are possible now. */
export const controlActions = (_: PanelRequest, __: Edition): Html => html``
