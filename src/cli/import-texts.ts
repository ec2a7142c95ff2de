/** What `pregonero contacts import` and what follows say to people. */
import type { Preview } from '../audience/import-file/contacts-file.ts'
import { importStateNames, type ImportRecord } from '../audience/import-record.ts'
import type { RemarkClass } from '../audience/import-review.ts'
import type { ImportReview } from '../audience/imports.ts'
import type { undoContacts } from '../flow/import-contacts.ts'
import { shortTime, table } from './session.ts'

/** What a file is and would do, and the command that does it. */
export function reviewText(review: ImportReview & { preview: Preview }): string {
  const { preview } = review
  return [
    `${preview.fileName}: ${preview.readAs}; encabezados en la fila ${preview.headerRow}.`,
    ...preview.warnings,
    columnsTable(preview),
    outcomeText(review),
  ].join('\n')
}

/** What confirming would do, and the command that does it. */
export function outcomeText(review: ImportReview): string {
  const { summary, remarks, missing } = review
  const { id } = review.import
  const accepting = [
    summary.invalid > 0 ? ' --skip-invalid' : '',
    summary.doubtful > 0 ? ' --accept-doubtful' : '',
  ].join('')
  const lists = summary.lists.map(({ slug, newMembers }) => `${newMembers} en ${slug}`)
  const findings = remarkTitles
    .filter(([kind]) => summary[kind] > 0)
    .map(([kind, title]) => `  ${title}: ${summary[kind]}`)
  return [
    `${summary.rows} filas.`,
    ...findings,
    ...(remarks.length > 0
      ? [
          table(
            ['Fila', 'Columna', 'Valor', 'Motivo', 'Sugerencia'],
            remarks.map((one) => [one.fila, one.columna, one.valor, one.motivo, one.sugerencia]),
          ),
        ]
      : []),
    `Al confirmar: ${summary.newContacts} contactos nuevos, ${summary.newMembers} altas${lists.length > 0 ? ` (${lists.join(', ')})` : ''}; ${summary.alreadyMembers} ya estaban.`,
    ...missing.map(({ place, message }) => `Falta: ${message} (${place}).`),
    'Nada se ha escrito todavía. Para confirmar, dentro de 24 horas:',
    `  pregonero contacts confirm-import ${id}${accepting} --as ${review.import.user}`,
    'Para descartarla:',
    `  pregonero contacts discard-import ${id} --as ${review.import.user}`,
  ].join('\n')
}

/** In the order in which they are looked at. */
const remarkTitles: [RemarkClass, string][] = [
  ['invalid', 'Con error, no se importan'],
  ['doubtful', 'Por revisar, se importan así si se aceptan'],
  ['duplicates', 'Repetidas, se reúnen'],
  ['left', 'Personas que se dieron de baja, no se suscriben otra vez'],
  ['suppressed', 'Personas a las que no se escribe'],
]

/** A line for each column: a file may have two hundred of them. */
const columnsTable = ({ columns, firstRows }: Preview): string =>
  table(
    ['Encabezado', 'Se lee como', ...firstRows.map((_, i) => `Ejemplo ${i + 1}`)],
    columns.map(({ heading, field }, i) => [
      heading,
      field ?? '(no se lee)',
      ...firstRows.map((cells) => cells[i] ?? ''),
    ]),
  )

export function confirmedText({ id, summary }: ImportRecord): string {
  const { rows = 0, newContacts = 0, newMembers = 0, completedContacts = 0 } = summary
  const { duplicates = 0, invalid = 0 } = summary
  const left = (summary.left ?? 0) + (summary.suppressed ?? 0)
  return [
    `Importación ${id}: ${rows} filas: ${newContacts} contactos nuevos, ${completedContacts} completados, ${newMembers} altas en listas, ${duplicates} repetidas, ${invalid} con error, ${left} personas que no se suscriben.`,
    `Para deshacerla, dentro de 24 horas: pregonero contacts undo-import ${id} --as CLAVE`,
  ].join('\n')
}

export function undoneText(id: number, undone: Awaited<ReturnType<typeof undoContacts>>): string {
  return [
    `Importación ${id} deshecha: se quitaron ${undone.removedMembers} altas y ${undone.removedContacts} contactos.`,
    ...(undone.withheld > 0 ? [`Se detuvieron ${undone.withheld} envíos en curso.`] : []),
    ...undone.kept.map(({ motivo, count }) => `Se quedan ${count}: ${motivo}.`),
  ].join('\n')
}

export const importsTable = (imports: ImportRecord[]): string =>
  table(
    ['Id', 'Archivo', 'Estado', 'Quién', 'Cuándo', 'Filas', 'Contactos', 'Altas'],
    imports.map(({ summary, ...row }) => [
      row.id,
      row.fileName,
      importStateNames[row.state],
      row.user,
      shortTime(row.confirmedAt ?? row.createdAt),
      summary.rows ?? '',
      summary.newContacts ?? '',
      summary.newMembers ?? '',
    ]),
  )
