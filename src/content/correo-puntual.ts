/** A mailing that staff queue for an hour of their choice: what Voto Chilango and the Red de Observación share. */
import { z } from 'zod'
import type { AudienceDefinition, CalendarEvent, EditionFacts } from '../publication.ts'
import { evento, eventoEvent, type Evento } from './evento.ts'
import {
  adjuntos,
  audienciaDe,
  envio,
  imagen,
  instante,
  liga,
  linea,
  muestra,
  parrafos,
  segmento,
  tema,
  tituloInforme,
} from './fields.ts'

/** `formas`: what it may be; `listas`: to whom it may go, all of them when the content does not say. */
export function correoPuntual<Tipo extends string, Forma extends string, Lista extends string>({
  tipo,
  formas,
  listas,
  saludo,
}: {
  tipo: Tipo
  formas: readonly [Forma, ...Forma[]]
  listas: readonly [Lista, ...Lista[]]
  saludo: string
}) {
  return z
    .strictObject({
      tipo: z.literal(tipo),
      muestra,
      forma: z
        .enum(formas)
        .default(formas[0] as never)
        .describe('Qué clase de correo es'),
      asunto: linea(120),
      preencabezado: linea(110).describe('El renglón que se lee junto al asunto').optional(),
      tituloInforme: tituloInforme('el asunto'),
      tema: tema.describe('Clave del catálogo de temas: pregonero topics list'),
      audiencia: audienciaDe(listas),
      segmento,
      envio,
      saludo: linea(120).default(saludo),
      cuerpo: parrafos(5000),
      evento: evento.optional(),
      boton: z
        .strictObject({ texto: linea(40), url: liga })
        .describe('Lo que se espera que haga quien lo lee; el de un evento cancelado no sale')
        .optional(),
      imagen: imagen
        .extend({
          descripcionLarga: parrafos(3000)
            .describe('El texto completo de una infografía, para quien no la ve')
            .optional(),
        })
        .optional(),
      adjuntos,
    })
    .refine((one) => (one.forma as string) !== 'infografia' || one.imagen?.descripcionLarga, {
      path: ['imagen', 'descripcionLarga'],
      error: 'falta: una infografía necesita su texto completo',
    })
}

interface CorreoPuntual {
  asunto: string
  preencabezado?: string | undefined
  tituloInforme?: string | undefined
  tema: string
  audiencia: string[]
  segmento?: { paises?: string[] | undefined; etiquetas?: string[] | undefined } | undefined
  envio: string
  cuerpo: string
  evento?: Evento | undefined
}

/** What their publications say alike. */
export const puntual = {
  audience: ({ audiencia, segmento: part }: CorreoPuntual): AudienceDefinition => ({
    lists: audiencia,
    ...(part?.paises && { countries: part.paises }),
    ...(part?.etiquetas && { tags: part.etiquetas }),
  }),
  subject: ({ asunto }: CorreoPuntual) => asunto,
  preheader: ({ preencabezado, cuerpo }: CorreoPuntual) => preencabezado ?? cuerpo,
  topic: ({ tema: key }: CorreoPuntual) => key,
  leavesAt: (content: CorreoPuntual) => instante(content.envio),
  events: ({ evento: one }: CorreoPuntual, edition: EditionFacts): CalendarEvent[] =>
    one === undefined ? [] : [eventoEvent(one, edition)],
  reportText: (content: CorreoPuntual) => content.tituloInforme ?? content.asunto,
}
