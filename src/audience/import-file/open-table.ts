/** What a file of contacts is, by its first bytes: its name may say anything. */
import { Problem } from '../../errors.ts'
import { openCsv } from './csv.ts'
import { headOf, type ImportFile } from './file.ts'
import type { Table } from './table.ts'
import { openXlsx } from './xlsx.ts'

/** Throws a Problem (es) for what is no table, is too large, or is protected. */
export async function openTable(file: ImportFile): Promise<Table> {
  if (file.sizeBytes === 0) {
    throw new Problem('invalid', {
      place: file.name,
      message: 'está vacío',
      remedy: 'Ponga los encabezados en la primera fila y una persona en cada una de las demás',
    })
  }
  const head = await headOf(file, 8)
  const startsWith = (...bytes: number[]) => bytes.every((byte, i) => head[i] === byte)
  if (startsWith(0x50, 0x4b, 0x03, 0x04)) return openXlsx(file)
  if (startsWith(0xd0, 0xcf, 0x11, 0xe0)) {
    throw new Problem('invalid', {
      place: file.name,
      message: 'es un Excel antiguo (.xls) o tiene contraseña',
      remedy: 'Ábralo, quítele la contraseña y guárdelo como .xlsx o como CSV',
    })
  }
  return openCsv(file)
}
