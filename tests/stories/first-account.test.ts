/** On a new machine the page to sign in leads to the first account, and to nothing of the kind once there is one. */
import { expect, test } from 'vitest'
import { panel } from '../http/panel-support.ts'

test('while nobody can sign in, the page to sign in offers the first account; never afterwards', async () => {
  const { app, get, post, signIn } = await panel()
  app.engine.config.publicUrl = 'http://localhost:3000'
  const offer = 'href="/panel/primera-cuenta"'
  expect(await (await get('/panel/entrar')).text()).toContain(offer)
  const refused = await post('/panel/entrar', { clave: '"><img onerror=x>', contrasena: 'nada' })
  expect(refused.status).toBe(401)
  const again = await refused.text()
  expect(again).toContain(offer)
  expect(again).not.toContain('<img onerror')
  await signIn('luis')
  expect(await (await get('/panel/entrar')).text()).not.toContain(offer)
})
