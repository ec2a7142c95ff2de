/** What a form of content sends is kept in the draft of its edition. */
import { beginDraft, type Draft, type Saved } from '../../../content/drafts.ts'
import type { Edition } from '../../../editions/editions.ts'
import type { Engine } from '../../../flow/engine.ts'
import { holdingDraft, writeDraft, type DraftVersion } from '../../../flow/write-draft.ts'
import type { User } from '../../../people/users.ts'
import { textOf, type FormErrors } from '../../form.ts'
import type { PanelRequest } from '../route.ts'
import { formFields, type Body } from './desk.ts'
import { readContent, rearrange } from './fields.ts'
import { hasUploads, receiveUploads } from './uploads.ts'

export interface Said {
  seen: DraftVersion | undefined
  replaces: number | null
  /** It becomes the content. */
  isFinal: boolean
}

interface Kept {
  seen: DraftVersion | undefined
  errors: FormErrors
  body: Body
  written: Saved
}

/** Files and text together, over the version that the form began from and no other. */
export async function keepForm(
  { engine, user }: PanelRequest,
  edition: Edition,
  form: FormData,
  said: Said,
): Promise<Kept> {
  const fields = formFields(engine, edition)
  return holdingDraft(engine, edition.id, async (own, known): Promise<Kept> => {
    const { seen, errors } = hasUploads(form)
      ? await keepUploads(own, user, edition, form, known, said)
      : { seen: said.seen, errors: {} }
    const body = rearrange(readContent(fields, form), textOf(form, 'accion'))
    const written = await writeDraft(own, user, edition, { ...said, seen, body })
    return { seen, errors, body, written }
  })
}

/** Files wait for nothing: the draft begins with them when there is none. */
async function keepUploads(
  engine: Engine,
  { id: userId }: User,
  edition: Edition,
  form: FormData,
  known: Draft | undefined,
  { seen, replaces }: Said,
): Promise<Pick<Kept, 'seen' | 'errors'>> {
  const { publication, id: editionId } = edition
  const body = readContent(formFields(engine, edition), form)
  const begun: Saved = known
    ? { ok: false, current: known }
    : await beginDraft(
        engine.db,
        { publication, editionId, userId, replaces, body },
        engine.clock.now(),
      )
  const draft = begun.ok ? begun.draft : begun.current
  const own = begun.ok ? { id: draft.id, version: draft.version } : seen
  const isCurrent = own?.id === draft.id && own.version === draft.version
  return { seen: own, errors: await receiveUploads(engine, draft.id, form, { isCurrent }) }
}
