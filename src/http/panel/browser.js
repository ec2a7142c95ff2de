/**
 * The one script of the panel. Every page works without it: it adds what a page cannot do by itself, where an element
 * asks for it by an attribute.
 *
 *   data-live="/url"         its content is replaced by each `progreso` event (HTML made by the server); where events do not
 *                            arrive it asks for the same address every five seconds, for a quarter of an hour: each asking
 *                            keeps the session alive. `data-live-done` in what comes ends it
 *   data-copy="#id"          a hidden button: copies that table for Word, without what is marked data-not-copied; its answer
 *                            goes to the `role=status` element named by data-says="#id"
 *   data-counts="60"         a text field: `#ID-cuenta` says how many characters it has of those recommended
 *   data-marks="#id"         a hidden toolbar of buttons with data-mark="**": they mark what is selected in that field
 *   data-session-left="3600" a hidden box, shown two minutes before those seconds pass: its button data-stay="/url" keeps
 *                            the session. Seconds, since the clock of whoever looks may be wrong
 */
'use strict'

for (const element of document.querySelectorAll('[data-live]')) follow(element)
for (const button of document.querySelectorAll('[data-copy]')) offerCopy(button)
for (const field of document.querySelectorAll('[data-counts]')) countIn(field)
for (const toolbar of document.querySelectorAll('[data-marks]')) offerMarks(toolbar)
for (const box of document.querySelectorAll('[data-session-left]')) warn(box)

/** @param {Element} element */
function follow(element) {
  const url = element.getAttribute('data-live')
  const source = new EventSource(url)
  let timer
  let isOver = false
  const show = (fragment) => {
    // an answer that was on its way
    if (isOver) return
    element.innerHTML = fragment
    if (!element.querySelector('[data-live-done]')) return
    source.close()
    clearInterval(timer)
  }
  const stop = () => {
    if (element.querySelector('[data-live-done]')) return
    isOver = true
    clearInterval(timer)
    const says = document.createElement('p')
    says.textContent = 'Esta página dejó de actualizarse: cárguela de nuevo.'
    element.append(says)
  }
  const ask = async () => {
    const answer = await fetch(url, { headers: { Accept: 'text/html' }, redirect: 'error' })
    if (answer.ok) show(await answer.text())
  }
  source.addEventListener('progreso', (event) => show(event.data))
  source.addEventListener('error', () => {
    if (source.readyState !== EventSource.CLOSED || timer) return
    timer = setInterval(() => void ask(), 5_000)
    setTimeout(stop, 15 * 60_000)
  })
}

/** @param {HTMLButtonElement} button */
function offerCopy(button) {
  // ids of the report have dots, which a selector would take for classes
  const named = (attribute) => document.getElementById(button.getAttribute(attribute).slice(1))
  const says = named('data-says')
  button.hidden = false
  const copy = async () => {
    const blob = (type, text) => new Blob([text], { type })
    try {
      const table = forWord(named('data-copy'))
      const item = new ClipboardItem({
        'text/html': blob('text/html', table.outerHTML),
        'text/plain': blob('text/plain', asText(table)),
      })
      await navigator.clipboard.write([item])
      says.textContent = 'Copiada: péguela en Word.'
    } catch {
      says.textContent = 'El navegador no permitió copiarla: selecciónela y cópiela con el teclado.'
    }
  }
  button.addEventListener('click', () => void copy())
}

/**
 * What Word needs of a table: borders of its own, since it knows no sheet of ours, and nothing that leads back here.
 * @param {HTMLTableElement} shown
 */
function forWord(shown) {
  const table = shown.cloneNode(true)
  for (const part of table.querySelectorAll('[data-not-copied], .unseen')) part.remove()
  for (const link of table.querySelectorAll('a')) link.replaceWith(...link.childNodes)
  for (const [name, value] of [
    ['border', '1'],
    ['cellspacing', '0'],
    ['cellpadding', '4'],
  ])
    table.setAttribute(name, value)
  table.style.borderCollapse = 'collapse'
  for (const part of [table, ...table.querySelectorAll('*')])
    for (const name of ['id', 'class', 'tabindex']) part.removeAttribute(name)
  for (const cell of table.querySelectorAll('th, td')) {
    cell.style.cssText =
      'border: 1px solid #000000; padding: 4px; vertical-align: top; text-align: left'
    if (cell.tagName === 'TH' && cell.scope !== 'col') cell.style.fontWeight = 'normal'
  }
  return table
}

/**
 * A line for each row and a tab between cells; a cell over several rows is in the first of them.
 * @param {HTMLTableElement} table
 */
function asText(table) {
  const rows = [...table.rows].map(() => [])
  for (const [y, row] of [...table.rows].entries()) {
    for (const cell of row.cells) {
      let x = 0
      while (rows[y][x] !== undefined) x++
      for (let down = 0; down < cell.rowSpan && y + down < rows.length; down++)
        rows[y + down][x] = down === 0 ? textOf(cell) : ''
    }
  }
  return rows.map((cells) => cells.join('\t')).join('\n')
}

/** @param {Element} cell */
function textOf(cell) {
  const copied = cell.cloneNode(true)
  for (const end of copied.querySelectorAll('br')) end.replaceWith(' ')
  return copied.textContent.replace(/\s+/g, ' ').trim()
}

/** @param {HTMLInputElement} field */
function countIn(field) {
  const recommended = Number(field.getAttribute('data-counts'))
  const says = document.getElementById(`${field.id}-cuenta`)
  const show = () => {
    const length = field.value.length
    const over = length > recommended ? `, ${length - recommended} de más` : ''
    says.textContent = `${length} de ${recommended} caracteres recomendados${over}`
  }
  field.addEventListener('input', show)
  show()
}

/** @param {HTMLElement} toolbar */
function offerMarks(toolbar) {
  const field = document.querySelector(toolbar.getAttribute('data-marks'))
  toolbar.hidden = false
  for (const button of toolbar.querySelectorAll('[data-mark]')) {
    button.addEventListener('click', () => {
      const mark = button.getAttribute('data-mark')
      const { selectionStart: from, selectionEnd: to, value } = field
      const chosen = value.slice(from, to) || button.getAttribute('data-example')
      const marked = mark.includes('%') ? mark.replace('%', chosen) : `${mark}${chosen}${mark}`
      field.setRangeText(marked, from, to, 'select')
      field.focus()
      field.dispatchEvent(new Event('input', { bubbles: true }))
    })
  }
}

/** @param {HTMLElement} box */
function warn(box) {
  const stay = box.querySelector('[data-stay]')
  let timer
  const wait = (seconds) => {
    clearTimeout(timer)
    box.hidden = true
    // what is written in a page survives its session in any case; this only spares the signing in
    timer = setTimeout(() => (box.hidden = false), Math.max(0, seconds - 120) * 1_000)
  }
  const keep = async () => {
    const url = stay.getAttribute('data-stay')
    const answer = await fetch(url, { method: 'POST', redirect: 'error' })
    if (answer.ok) wait((await answer.json()).secondsLeft)
  }
  stay.addEventListener('click', () => void keep())
  wait(Number(box.getAttribute('data-session-left')))
}
