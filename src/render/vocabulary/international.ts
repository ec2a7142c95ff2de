/** News and elections of the world, and what executive notes and statistical reports say. */
import { dayOf } from './dates.ts'
import { enumeracion, plural, word } from './words.ts'

const regions = {
  america: 'América',
  europa: 'Europa',
  africa: 'África',
  asia: 'Asia',
  oceania: 'Oceanía',
  global: 'Global',
}

export const regionEnPalabras = (code: string): string => word(code, regions)

/** Notes grouped by region, always in the same order of regions; within one, as they were written. */
export function porRegion<N extends { region: string }>(notes: N[]) {
  const groups = Map.groupBy(notes, ({ region }) => regionEnPalabras(region))
  return Object.entries(regions).flatMap(([region, nombre]) => {
    const notas = groups.get(nombre)
    return notas === undefined ? [] : [{ region, nombre, notas }]
  })
}

/** What follows the first, which has a place of its own. */
export const demas = <Item>(items: Item[]): Item[] => items.slice(1)

/** Elections grouped by day, in order. `anio`: where it is not that of `today`, which a reader takes for granted. */
export function eleccionesPorDia<E extends { fecha: string }>(
  elections: E[],
  today: Date | string,
) {
  const days = Map.groupBy(elections, ({ fecha }) => fecha)
  return [...days.entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([fecha, elecciones]) => {
      const day = dayOf(fecha)
      return {
        fecha,
        diaDeLaSemana: day.toFormat('cccc'),
        dia: day.toFormat('d'),
        mes: day.toFormat('LLLL'),
        anio: day.year === dayOf(today).year ? null : day.toFormat('yyyy'),
        elecciones,
      }
    })
}

export function materiaEnPalabras(code: string): string {
  return word(code, {
    'sesion-cg-ine': 'Sesión del Consejo General del INE',
    'eleccion-exterior': 'Elección en el exterior',
  })
}

/** What became of a point of the agenda, of one and of several; empty where it was not for deciding. */
const outcomes: Record<string, [one: string, many: string]> = {
  aprobado: ['aprobado', 'aprobados'],
  'aprobado-en-lo-general': ['aprobado en lo general', 'aprobados en lo general'],
  'informe-rendido': ['informe rendido', 'informes rendidos'],
  retirado: ['retirado', 'retirados'],
  devuelto: ['devuelto', 'devueltos'],
  'no-aplica': ['', ''],
}

/** «Aprobado en lo general» */
export function sentidoEnPalabras(code: string): string {
  const outcome = word(code, Object.fromEntries(singulars))
  return outcome.charAt(0).toUpperCase() + outcome.slice(1)
}

const singulars = Object.entries(outcomes).map(([code, [one]]) => [code, one])

/** «5 puntos: 3 aprobados, 1 informe rendido y 1 retirado» */
export function cuentaDePuntos(points: { sentido: string }[]): string {
  const parts = Object.entries(outcomes).flatMap(([code, [one, many]]) => {
    const count = points.filter(({ sentido }) => sentido === code).length
    return count === 0 || one === '' ? [] : [plural(count, one, many)]
  })
  const total = plural(points.length, 'punto', 'puntos')
  return parts.length === 0 ? total : `${total}: ${enumeracion(parts)}`
}

/** The figures that open a report, three of them; none where the whole table is hardly longer. */
export const cifrasDestacadas = <Figure>(figures: Figure[]): Figure[] =>
  figures.length > longestPlainTable ? figures.slice(0, 3) : []

const longestPlainTable = 4

/** One thing, where a partial wants several. */
export const lista = <Item>(item: Item): Item[] => [item]
