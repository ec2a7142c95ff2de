import { expect, test } from 'vitest'
import {
  addDraftFile,
  beginDraft,
  discardDraft,
  discardVersion,
  draftFiles,
  draftOfEdition,
  filesOfDraft,
  findRequest,
  requestsOf,
  saveDraft,
} from '../../src/content/drafts.ts'
import { noFiles } from '../../src/content/files.ts'
import { boletin, mondayMorning, testApp } from '../support/app.ts'

const later = new Date(mondayMorning.getTime() + 60_000)

async function begun() {
  const app = await testApp()
  const edition = await boletin(app, { ready: false })
  const draft = {
    publication: edition.publication,
    editionId: edition.id,
    userId: app.ana.id,
    replaces: edition.contentId,
    body: { titular: 'uno' },
  }
  const saved = await beginDraft(app.db, draft, mondayMorning)
  return { app, edition, fields: draft, draft: saved.ok ? saved.draft : saved.current }
}

test('of two who begin at once, the second is told of the first', async () => {
  const { app, fields, draft } = await begun()
  const second = await beginDraft(app.db, { ...fields, body: { titular: 'dos' } }, later)
  expect(second).toEqual({ ok: false, current: draft })
})

test('of many who save over one version, one does, and the others are shown it', async () => {
  const { app, draft } = await begun()
  const change = (n: number) => ({ body: { titular: `v${n}` }, userId: app.luis.id })
  const saves = await Promise.all(
    Array.from({ length: 8 }, (_, n) => saveDraft(app.db, draft, change(n), later)),
  )
  const done = saves.filter((saved) => saved?.ok)
  expect(done).toHaveLength(1)
  const now = await draftOfEdition(app.db, draft.editionId!)
  expect(now).toMatchObject({ version: 2, userId: app.luis.id, replaces: draft.replaces })
  for (const saved of saves)
    expect(saved).toEqual(saved?.ok ? { ok: true, draft: now } : { ok: false, current: now })
})

test('a version that was read is discarded with its files, and no other', async () => {
  const { app, draft } = await begun()
  await addDraftFile(app.db, draft.id, 'a.png', Buffer.from('a'))
  expect(await discardVersion(app.db, { id: draft.id, version: 9 })).toBe(false)
  expect(await draftFiles(app.db, draft.id)).toHaveLength(1)
  expect(await discardVersion(app.db, draft)).toBe(true)
  expect(await draftFiles(app.db, draft.id)).toEqual([])
  const change = { body: {}, userId: app.ana.id }
  expect(await saveDraft(app.db, draft, change, later)).toBeUndefined()
})

test('a file over its limit is refused by its name, and one that is not there is looked for elsewhere', async () => {
  const { app, draft } = await begun()
  await addDraftFile(app.db, draft.id, 'a.png', Buffer.from('primera'))
  await addDraftFile(app.db, draft.id, 'a.png', Buffer.from('segunda'))
  const read = filesOfDraft(app.db, draft.id, noFiles)
  expect(await read('a.png', 100)).toEqual(Buffer.from('segunda'))
  expect(await read('a.png', 3)).toMatchObject({ value: '"a.png"' })
  expect(await read('b.png', 100)).toMatchObject({ message: 'no vino con el contenido' })
})

test('a mail on request is its author’s alone, latest first', async () => {
  const { app, fields } = await begun()
  const one = { ...fields, editionId: null, replaces: null }
  const [first, second] = [
    await beginDraft(app.db, one, mondayMorning),
    await beginDraft(app.db, one, later),
  ].map((saved) => (saved.ok ? saved.draft.id : 0)) as [number, number]
  expect((await requestsOf(app.db, app.ana.id)).map(({ id }) => id)).toEqual([second, first])
  expect(await requestsOf(app.db, app.luis.id)).toEqual([])
  expect(await findRequest(app.db, first, app.luis.id)).toBeUndefined()
  await discardDraft(app.db, first)
  expect(await findRequest(app.db, first, app.ana.id)).toBeUndefined()
})
