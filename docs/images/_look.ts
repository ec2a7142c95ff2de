import { readFile, writeFile } from 'node:fs/promises'
import { chromium } from 'playwright-core'
import { calendarioIne } from '../../jobs/calendario-ine.ts'
import { invitacionRedObservacion } from '../../jobs/invitacion-red-observacion.ts'
import { boletinElectoral } from '../../jobs/boletin-electoral.ts'
import { checkContent } from '../../src/content/check.ts'
import { renderEdition } from '../../src/render/render.ts'
import { compileSlots, escapeHtml, slotValues, asIs } from '../../src/render/slots.ts'
const all = [calendarioIne, invitacionRedObservacion, boletinElectoral]
async function page(slug: string, change: (b: any) => any = (b) => b, revision = 0, nominalAt = '2026-11-23T08:30:00-06:00', period = '2026-W48') {
  const checked = checkContent(await readFile(new URL(`../../jobs/samples/${slug}.yaml`, import.meta.url), 'utf8'), slug, all)
  if (!checked.ok) throw new Error(JSON.stringify(checked.faults))
  let body: any = structuredClone(checked.content.body)
  if (body.sesiones) body.sesiones = body.sesiones.map((s: any) => ({ ...s, secuencia: 0 }))
  body = change(body)
  const t = performance.now()
  const r = await renderEdition(checked.content.publication, body, { period, revision, nominalAt: new Date(nominalAt), issue: slug.startsWith('bol') ? { year: 2026, number: 48 } : undefined }, { mailDomain: 'iecm.mx' })
  if (!r.ok) throw new Error(JSON.stringify(r.faults, null, 1))
  console.log(slug, r.rendering.htmlBytes, Math.round(performance.now() - t), 'ms', r.rendering.attachments.map((a) => a.filename), r.rendering.warnings)
  return { html: compileSlots(r.rendering.html, escapeHtml)(slotValues({ name: 'Ana Pérez' })), text: compileSlots(r.rendering.plainText, asIs)(slotValues({ name: 'Ana Pérez' })), ics: String(r.rendering.attachments[0]?.content) }
}
const pages: Record<string, Awaited<ReturnType<typeof page>>> = {
  cal: await page('calendario-ine'),
  calvacio: await page('calendario-ine', (b) => ({ ...b, sesiones: [] })),
  calalcance: await page('calendario-ine', (b) => { const s = b.sesiones; s[0] = { ...s[0], cambio: 'modificada', hora: '13:00', secuencia: 1 }; s[1] = { ...s[1], cambio: 'cancelada', estado: 'cancelada' }; s[4] = { ...s[4], cambio: 'modificada' }; s[5].cambio = 'nueva'; s.push({ ...s[0], id: 'x-2', hora: '13:00', cambio: undefined, organo: { clase: 'comite', nombre: 'Comité de Transparencia' }, ordenDelDia: [] }); s.splice(2, 1); return b }, 1),
  inv: await page('invitacion-red-observacion', (b) => b, 0, '2026-11-25T10:00:00-06:00', 'taller'),
  inv2: await page('invitacion-red-observacion', (b) => ({ ...b, boton: undefined, evento: { ...b.evento, modalidad: 'hibrida', sede: 'Auditorio del IECM, Huizaches 25, Rancho Los Colorines, Tlalpan', liga: 'https://example.org/sala' } }), 1, '2026-11-25T10:00:00-06:00', 'taller'),
  bol: await page('boletin-electoral', (b) => b, 0, '2026-11-27T15:00:00-06:00'),
}
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
const only = process.argv[2]?.split(',')
for (const [name, { html, text, ics }] of Object.entries(pages)) {
  await writeFile(`/tmp/look/${name}.html`, html); await writeFile(`/tmp/look/${name}.txt`, text); await writeFile(`/tmp/look/${name}.ics`, ics)
  if (only && !only.includes(name)) continue
  for (const width of [640, 360]) for (const scheme of ['light', 'dark'] as const) {
    const p = await browser.newPage({ viewport: { width, height: 700 }, colorScheme: scheme, deviceScaleFactor: width === 360 ? 1.5 : 1 })
    await p.setContent(html)
    const overflow = await p.evaluate('document.documentElement.scrollWidth')
    if (overflow as number > width) console.log('OVERFLOW', name, width, overflow)
    await p.screenshot({ path: `/tmp/look/${name}-${width}-${scheme}.png`, fullPage: true })
    await p.close()
  }
}
await browser.close()
