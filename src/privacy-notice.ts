/** The privacy notice of the external lists: names, laws and terms are configuration (jobs/privacidad.yaml). */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { Problem, shown } from './errors.ts'
import { readYaml } from './yaml-file.ts'

const text = z.string('falta, o no es texto').trim().min(1, 'está vacío')
const texts = z.array(text, 'falta, o no es una lista').min(1, 'está vacía')

const schema = z.strictObject({
  /** Kept with each consent. */
  version: text.max(40, 'tiene más de 40 caracteres'),
  responsable: text,
  area: text,
  domicilio: text,
  leyes: texts,
  datos: texts,
  finalidades: texts,
  transferencias: text,
  medicion: text,
  transparencia: z.strictObject({
    nombre: text,
    domicilio: text,
    correo: z.email('no es una dirección'),
    telefono: text,
  }),
  /** From the blocking of a person's data to their erasure. */
  diasDeBloqueo: z
    .int('no es un número entero')
    .min(1, 'es menor que 1')
    .max(3650, 'es mayor que 3650'),
  avisoIntegral: z.url({ protocol: /^https$/, error: 'no es una dirección https' }),
})
export type PrivacyNotice = z.infer<typeof schema>

const file = 'jobs/privacidad.yaml'

/** Throws one Problem with every fault. */
export function readPrivacyNotice(): PrivacyNotice {
  return parsePrivacyNotice(readFileSync(new URL(`../${file}`, import.meta.url), 'utf8'))
}

export function parsePrivacyNotice(yaml: string): PrivacyNotice {
  const read = readYaml(yaml, file)
  if (!read.ok) throw new Problem('config', read.faults)
  const parsed = schema.safeParse(read.value)
  if (parsed.success) return parsed.data
  throw new Problem(
    'config',
    parsed.error.issues.map((issue) => ({
      place: `${file} ${issue.path.join('.') || issue.code}`,
      message:
        issue.code === 'unrecognized_keys' ? `no conoce ${issue.keys.join(', ')}` : issue.message,
      value: shown(issue.path.reduce<unknown>((value, key) => (value as never)?.[key], read.value)),
      remedy: 'Corríjalo; jobs/README.md describe sus campos',
    })),
  )
}
