/** The mail on request that an address names, when it is of who asks. */
import { findRequest, type Draft } from '../../../content/drafts.ts'
import { listTopics } from '../../../content/topics.ts'
import { allLists } from '../../../audience/lists.ts'
import { requirePublication, type Engine } from '../../../flow/engine.ts'
import { noRequest, requestedEdition } from '../../../flow/request.ts'
import type { Publication } from '../../../publication.ts'
import { panelPaths, type PanelRequest } from '../route.ts'
import type { Catalogues } from './summary.ts'

export interface Found {
  draft: Draft
  publication: Publication
}

/** Or what to answer instead: the edition that came from it. Throws a Problem when it is not there, or not theirs. */
export async function requestOf(request: PanelRequest): Promise<Found | Response> {
  const { c } = request
  const found = await requestOrEdition(request)
  return 'draft' in found ? found : c.redirect(c.var.link(panelPaths.edition(found.editionId)), 303)
}

export async function requestOrEdition(
  request: PanelRequest,
): Promise<Found | { editionId: number }> {
  const { engine, user } = request
  const id = idOf(request)
  const draft = await findRequest(engine.db, id, user.id)
  if (draft) return { draft, publication: requirePublication(engine, draft.publication) }
  const editionId = await requestedEdition(engine.db, user, id)
  if (editionId === undefined) throw noRequest()
  return { editionId }
}

export function idOf({ c }: PanelRequest): number {
  const text = c.req.param('id') ?? ''
  if (!/^\d{1,15}$/.test(text)) throw noRequest()
  return Number(text)
}

/** Of the form: which version its writer had before them. */
export function versionIn(form: FormData): number {
  const text = form.get('version')
  return typeof text === 'string' && /^\d{1,9}$/.test(text) ? Number(text) : 0
}

export async function catalogues({ db }: Engine): Promise<Catalogues> {
  const [topics, lists] = await Promise.all([listTopics(db), allLists(db)])
  return { topics, lists }
}
