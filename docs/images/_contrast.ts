import { readFile } from 'node:fs/promises'
import { chromium } from 'playwright-core'
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
for (const name of process.argv.slice(2)) for (const scheme of ['light', 'dark'] as const) {
  const p = await browser.newPage({ viewport: { width: 360, height: 700 }, colorScheme: scheme })
  await p.setContent(await readFile(`/tmp/look/${name}.html`, 'utf8'))
  const worst = await p.evaluate(`(() => {
    const lum = (c) => { const v = c.map((x) => { x /= 255; return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4 }); return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2] }
    const rgb = (s) => s.match(/[\\d.]+/g).map(Number)
    const out = []
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (walk.nextNode()) {
      const n = walk.currentNode
      if (!n.textContent.trim()) continue
      const e = n.parentElement
      if (e.getClientRects().length === 0) continue
      const cs = getComputedStyle(e)
      if (cs.fontSize === '1px' || cs.display === 'none') continue
      let b = e, bg = [255, 255, 255]
      while (b) { const c = rgb(getComputedStyle(b).backgroundColor); if (c.length === 3 || c[3] > 0) { bg = c; break } b = b.parentElement }
      const [l, d] = [lum(rgb(cs.color)), lum(bg)].sort((x, y) => y - x)
      out.push([(l + 0.05) / (d + 0.05), e.tagName + '.' + e.className, n.textContent.trim().slice(0, 30), cs.color, bg.join()])
    }
    const targets = [...document.querySelectorAll('a')].map((a) => [a.getBoundingClientRect().height, a.textContent.trim().slice(0, 20)])
    return { contrast: out.sort((a, b) => a[0] - b[0]).slice(0, 3), targets }
  })()`)
  console.log(name, scheme, JSON.stringify(worst))
}
await browser.close()
