/** Large forms of people who are not signed in: few at a time are read whole. */
import { request } from 'node:http'
import { expect, test } from 'vitest'
import { boletin, eventually } from '../support/app.ts'
import { panel } from './panel-support.ts'

test('of unfinished large forms without a session only a few are kept, and who has one still uploads', async () => {
  const { app, url, signIn } = await panel()
  const edition = await boletin(app, { ready: false })
  const path = `/panel/ediciones/${edition.id}/contenido`
  const answers: number[] = []
  const open = Array.from({ length: 10 }, () => {
    const one = request(`${url}${path}`, {
      method: 'POST',
      headers: {
        Origin: 'http://localhost:3000',
        'Content-Type': 'multipart/form-data; boundary=x',
      },
    })
    one.on('response', (answer) => answers.push(answer.statusCode!))
    one.on('error', () => answers.push(0))
    one.write(Buffer.alloc(1_000_000, 'a'))
    return one
  })
  // the others are refused at sixteen kilobytes, though they never end
  await eventually(
    async () => answers.length,
    (length) => length >= 8,
  )
  expect(answers.every((status) => status === 413 || status === 0)).toBe(true)
  const cookie = await signIn('ana')
  const form = new FormData()
  form.set('archivo', new File([Buffer.alloc(1_000_000, 'b')], 'grande.png'))
  const known = await fetch(`${url}${path}`, {
    method: 'POST',
    body: form,
    headers: { Origin: 'http://localhost:3000', Cookie: cookie },
  })
  expect(known.status).not.toBe(413)
  for (const one of open) one.destroy()
})
