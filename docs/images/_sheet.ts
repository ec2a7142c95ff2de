// montage: names as args -> one PNG each, columns of 1000 css px
import { readFile } from 'node:fs/promises'
import { chromium } from 'playwright-core'
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
for (const arg of process.argv.slice(2)) {
  const [name, width, scheme] = arg.split(':') as [string, string, 'light' | 'dark']
  const html = await readFile(`/tmp/look/${name}.html`, 'utf8')
  const p = await browser.newPage({ viewport: { width: +width, height: 700 }, colorScheme: scheme })
  await p.setContent(html)
  const h = (await p.evaluate('document.documentElement.scrollHeight')) as number
  const shot = await p.screenshot({ fullPage: true })
  const col = 1050, n = Math.ceil(h / col)
  const q = await browser.newPage({ viewport: { width: n * (+width + 16), height: col } })
  await q.setContent(`<body style="margin:0;background:#888;display:flex;gap:16px">${Array.from({ length: n }, (_, i) => `<div style="flex:none;width:${width}px;height:${col}px;background:url(data:image/png;base64,${shot.toString('base64')}) 0 ${-i * col}px no-repeat"></div>`).join('')}`)
  await q.waitForTimeout(200)
  await q.screenshot({ path: `/tmp/look/sheet-${name}-${width}-${scheme}.png` })
}
await browser.close()
