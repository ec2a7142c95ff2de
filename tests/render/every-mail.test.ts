import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { templatesFolder } from '../../src/render/templates.ts'
import { sampleMail, samples } from '../support/sample-mails.ts'

const mails = await Promise.all(
  samples.map(async (sample) => [sample.name, (await sampleMail(sample)).rendering] as const),
)

test.each(mails)(
  '%s: small, in Spanish, and asks no other host for anything',
  (_, { html, htmlBytes }) => {
    expect(html).toMatch(/^<!doctype html>\n<html lang="es-MX" dir="ltr"/)
    expect(html).not.toMatch(/<link|<script|<iframe|@import|url\(|@font-face|background="/i)
    for (const [image] of html.matchAll(/<img [^>]*>/g))
      expect(image).toMatch(/src="https:\/\/correo\.iecm\.test\/imagenes\/[^>]* alt="[^"]+"/)
    expect(html.replaceAll('xmlns="http://www.w3.org/1999/xhtml"', '')).not.toContain('http://')
    expect(htmlBytes).toBeLessThan(40_000)
  },
)

test.each(mails)('%s: headings go down one step at a time from the only h1', (_, { html }) => {
  const levels = [...html.matchAll(/<h([1-6])[ >]/g)].map((match) => Number(match[1]))
  expect(levels.filter((level) => level === 1)).toHaveLength(1)
  expect(levels[0]).toBe(1)
  for (const [index, level] of levels.slice(1).entries())
    expect(level).toBeLessThanOrEqual(levels[index]! + 1)
})

test.each(mails)('%s: tables are layout, or have row headers and a name', (_, { html }) => {
  for (const table of html.split(/(?=<table)/).slice(1)) {
    if (/^<table[^>]*role="presentation"/.test(table)) continue
    expect(table).toMatch(/^<table aria-label="/)
    expect(table).toMatch(/<th [^>]*scope="row"/)
  }
})

test.each(mails)('%s: links are underlined, but for buttons', (_, { html }) => {
  const links = [...html.matchAll(/<a [^>]*href=[^>]*>/g)].map(([link]) => link)
  expect(links.length).toBeGreaterThan(0)
  for (const link of links)
    expect(link).toMatch(/text-decoration: ?underline|display: ?inline-block;[^"]*background: ?#/)
})

test.each(mails)('%s: the text part is plain and tidy', (_, { plainText }) => {
  expect(plainText).not.toMatch(/&(#?\w+);|<\/?(p|a|li|td)\b|undefined|null|NaN/)
  expect(plainText).not.toMatch(/[ \t]$|\n{4}|\r/m)
})

// those of _layout/estilos.mjml and _layout/noche.mjml, whatever the palette
const day = {
  white: '#ffffff',
  muted: '#5b5b6b',
  brown: '#7a4a00',
  red: '#b00020',
  green: '#0f6b3a',
  cream: '#fff4e0',
}
const night = {
  pale: '#ebe8f0',
  dim: '#b5b0bd',
  amber: '#ffd99a',
  pink: '#ff9aa8',
  mint: '#8fdcb3',
  ink: '#10161f',
  umber: '#3a2a0a',
}

// WCAG 2.2, 1.4.3: text needs 4.5:1
test.each(
  readdirSync(new URL('_layout/', templatesFolder)).filter((name) => /^correo-.*mjml$/.test(name)),
)('every text in the palette of %s contrasts with its paper, by day and by night', (name) => {
  const template = readFileSync(new URL(`_layout/${name}`, templatesFolder), 'utf8')
  const own = (name: string) => new RegExp(`\\b${name}="(#[0-9A-F]{6})"`).exec(template)![1]!
  const { white, muted, brown, red, green, cream } = day
  const { pale, dim, amber, pink, mint, ink, umber } = night
  const darkPapers = [own('hojaNoche'), own('cajaNoche')]
  const textsAndPapers = [
    [
      [own('tinta'), own('color'), own('pie'), muted, brown, red, green],
      [white, own('suave')],
    ],
    [[white, own('claro')], [own('color')]],
    [[white], [own('pie'), brown, red, green, own('cajaNoche')]],
    [[brown], [cream]],
    [[pale, dim, own('colorNoche'), amber, pink, mint], darkPapers],
    [[own('hojaNoche')], [own('colorNoche')]],
    [[ink], [mint, amber, pink]],
    [[amber], [umber]],
  ] as const
  for (const [texts, papers] of textsAndPapers)
    for (const text of texts)
      for (const paper of papers)
        expect(contrast(text, paper), `${text} on ${paper}`).toBeGreaterThanOrEqual(4.5)
})

test('the colours that the palettes are tested with are those of the styles', () => {
  const styles = ['estilos', 'noche'].map((name) =>
    readFileSync(new URL(`_layout/${name}.mjml`, templatesFolder), 'utf8'),
  )
  const used = new Set(styles.join('').match(/#[0-9a-f]{6}\b/gi))
  expect([...used].toSorted()).toEqual([...Object.values(day), ...Object.values(night)].toSorted())
})

test('every class of a template has one rule, and every rule is of a class that mails have', () => {
  const sources = readdirSync(templatesFolder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.mjml'))
    .map((name) => readFileSync(new URL(name, templatesFolder), 'utf8'))
  const layout = (name: string) =>
    readFileSync(new URL(`_layout/${name}.mjml`, templatesFolder), 'utf8')
  const inlined = layout('estilos').split('</mj-style>')[0]!
  const rules = selectorsOf(layout('estilos') + layout('noche'))
  const styled = new Set(rules.flatMap((selector) => selector.match(/(?<=\.)[a-z][a-z-]*/g) ?? []))
  const named = classesOf(sources.join('').replace(/{{.*?}}/gs, ''))
  const shown = classesOf(mails.map(([, { html }]) => html).join(''))

  // `estado-` is the start of one that the content ends
  expect(named.filter((name) => !name.endsWith('-') && !styled.has(name))).toEqual([])
  expect([...styled].filter((name) => ![...named, ...shown].includes(name))).toEqual([])
  const once = selectorsOf(inlined)
  expect(once.filter((selector, index) => once.indexOf(selector) !== index)).toEqual([])
})

const selectorsOf = (css: string): string[] =>
  [...css.matchAll(/^\s*([^\s@/<{][^{}]*?) \{ /gm)].map(([, selector]) => selector!)

const classesOf = (markup: string): string[] =>
  [...markup.matchAll(/\b(?:css-)?class="([^"]*)"/g)].flatMap(([, names]) =>
    names!.split(/\s+/).filter(Boolean),
  )

/** https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].toSorted((x, y) => y - x) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
