/** The routes of one edition: its page, its preview, and the acts of whoever writes and approves it. */
import { approveAct, cancelAct, correctAct, readyAct, returnAct, testAct } from './acts.ts'
import { editionOf } from './find.ts'
import { editionPage } from './page.ts'
import { previewDocument, viewPage } from './preview.ts'
import { panelPaths, type PanelRequest, type PanelRoute } from '../route.ts'

export { editionOf }

export const editionRoutes: PanelRoute[] = [
  { method: 'GET', path: panelPaths.edition(':id'), act: 'panel.see', answer: showEdition },
  { method: 'GET', path: panelPaths.preview(':id'), act: 'panel.see', answer: previewDocument },
  { method: 'GET', path: panelPaths.view(':id'), act: 'panel.see', answer: viewPage },
  { method: 'POST', path: panelPaths.ready(':id'), act: 'edition.ready', answer: readyAct },
  { method: 'POST', path: panelPaths.approve(':id'), act: 'edition.approve', answer: approveAct },
  { method: 'POST', path: panelPaths.return(':id'), act: 'edition.return', answer: returnAct },
  { method: 'POST', path: panelPaths.test(':id'), act: 'edition.test', answer: testAct },
  { method: 'POST', path: panelPaths.correct(':id'), act: 'edition.open', answer: correctAct },
  { method: 'POST', path: panelPaths.cancel(':id'), act: 'edition.cancel', answer: cancelAct },
]

async function showEdition(request: PanelRequest): Promise<Response> {
  return editionPage(request, await editionOf(request))
}
