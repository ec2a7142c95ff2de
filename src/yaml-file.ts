/** YAML (or JSON, which is YAML) that people write: its faults are told with their lines (es). */
import { isAlias, LineCounter, parseDocument, visit, type Document } from 'yaml'
import type { Fault } from './errors.ts'

export type YamlRead =
  | { ok: true; value: unknown; document: Document; lineOf: (offset: number) => number }
  | { ok: false; faults: Fault[] }

export function readYaml(text: string, place: string): YamlRead {
  const lines = new LineCounter()
  const document = parseDocument(text, { uniqueKeys: true, lineCounter: lines })
  const lineOf = (offset: number) => lines.linePos(offset).line
  const faults: Fault[] = document.errors.map((error) => ({
    place: `${place}, renglón ${error.linePos?.[0].line ?? 1}`,
    message: `no se puede leer: ${error.message.split('\n')[0]}`,
    remedy: 'Corrija la forma del archivo (sangrías, comillas, dos puntos)',
  }))
  // references can grow without end, and «*así*» is nearly always meant as text
  visit(document, (_key, node) => {
    if (!isAlias(node)) return
    faults.push({
      place: `${place}, renglón ${lineOf(node.range?.[0] ?? 0)}`,
      message: `no se puede leer: *${node.source} es una referencia`,
      remedy: 'Escriba entre comillas el texto que empieza con asterisco',
    })
  })
  return faults.length > 0
    ? { ok: false, faults }
    : { ok: true, value: document.toJS(), document, lineOf }
}
