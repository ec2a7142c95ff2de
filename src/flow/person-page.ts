/** A person's file as a page that is read, printed and kept by itself: it asks nothing of any server. */
import { inMexicoCity } from '../clock.ts'
import { markup, type Markup } from '../report/output/markup.ts'
import type { PersonFile } from './person-file.ts'

export function personPage(file: PersonFile): string {
  const { aviso } = file
  const title = 'Expediente de datos personales'
  return markup`<!doctype html>
<html lang="es-MX">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p>${aviso.responsable}, ${aviso.area}. ${aviso.domicilio}.</p>
<p>Contiene todo lo que se conserva de la persona hasta el ${day(file.generado)}, hora de la Ciudad de México.</p>
${identity(file)}
${parts(file)}
${terms(file)}
</main>
</body>
</html>
`.toString()
}

function identity({ persona, direcciones }: PersonFile): Markup {
  if (!persona) {
    return markup`<h2>Identificación</h2>
<p>Ninguna persona de las listas tiene hoy la dirección ${direcciones.join(', ')}; lo que sigue se conserva bajo ella.</p>`
  }
  const others = direcciones.filter((one) => one !== persona.direccion)
  return markup`<h2>Identificación</h2>
<dl>${[
    ['Dirección de correo', persona.direccion],
    ['Direcciones anteriores', others.join(', ')],
    ['Nombre', persona.nombre || 'no se tiene'],
    ['País de residencia', persona.pais ?? 'no se tiene'],
    ['Etiquetas', persona.etiquetas.join(', ')],
    ['Clase', persona.esGrupo ? 'dirección de grupo' : ''],
    ['Registrada', day(persona.registrada)],
    ['Datos bloqueados', day(persona.bloqueada)],
    ['Se suprimen desde', day(persona.sePuedeSuprimirDesde)],
  ]
    .filter(([, value]) => value !== '')
    .map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`
}

function parts(file: PersonFile): Markup[] {
  return [
    part(
      'Listas',
      ['Lista', 'Estado', 'Desde', 'Origen', 'Consentimiento', 'Evidencia', 'Aviso', 'Baja'],
      file.listas.map((one) => [
        one.lista,
        one.estado,
        hour(one.desde),
        one.origen,
        one.consentimiento ?? '',
        one.evidencia,
        one.avisoDePrivacidad,
        hour(one.baja),
      ]),
    ),
    part(
      'Altas y bajas',
      ['Fecha', 'Lista', 'Acto', 'Origen', 'Aviso'],
      file.movimientos.map((one) => [
        hour(one.fecha),
        one.lista,
        one.acto,
        one.origen,
        one.avisoDePrivacidad,
      ]),
    ),
    part(
      'Razones por las que no se le escribe',
      ['Fecha', 'Dirección', 'Motivo', 'Alcance', 'Nota'],
      file.exclusiones.map((one) => [
        hour(one.fecha),
        one.direccion ?? 'no se conserva: sólo queda su huella',
        one.motivo,
        one.alcance,
        one.nota,
      ]),
    ),
    part(
      'Correos enviados',
      ['Fecha', 'Edición', 'Dirección', 'Resultado', 'Motivo', 'Intentos'],
      file.envios.map((one) => [
        hour(one.fecha),
        one.edicion,
        one.direccion,
        one.resultado,
        one.motivo,
        one.intentos
          .map(({ fecha, resultado, codigo }) =>
            [hour(fecha), resultado, codigo ?? ''].join(' ').trim(),
          )
          .join('; '),
      ]),
    ),
    pruned(file),
    part(
      'Solicitudes en las páginas públicas',
      ['Fecha', 'Dirección', 'Listas', 'Confirmada'],
      file.solicitudes.map((one) => [
        hour(one.fecha),
        one.direccion,
        one.listas.join(', ') || 'ver sus suscripciones',
        hour(one.confirmada),
      ]),
    ),
    part(
      'Correos sobre sus suscripciones',
      ['Fecha', 'Asunto', 'Estado'],
      file.avisos.map((one) => [hour(one.fecha), one.asunto, one.estado]),
    ),
    part(
      'Archivos por confirmar que traen su dirección',
      ['Fecha', 'Archivo', 'Dirección'],
      file.importaciones.map((one) => [hour(one.fecha), one.archivo, one.direccion]),
    ),
    part(
      'Consultas del personal',
      ['Fecha', 'Acto'],
      file.consultas.map((one) => [hour(one.fecha), one.acto]),
    ),
  ]
}

const pruned = ({ enviosDepuradosHasta: until }: PersonFile): Markup =>
  until === null
    ? markup``
    : markup`<p>De correos cuyo envío concluyó hasta el ${day(until)} puede haberse depurado el detalle: de ellos se conservan los totales, no a quién se enviaron.</p>`

function part(title: string, head: string[], rows: string[][]): Markup {
  if (rows.length === 0) return markup`<h2>${title}</h2><p>Nada.</p>`
  // on a narrow screen it is the table that scrolls, by the keyboard too
  return markup`<h2>${title}</h2>
<div role="region" aria-label="${title}" tabindex="0"><table><thead><tr>${head.map((cell) => markup`<th scope="col">${cell}</th>`)}</tr></thead>
<tbody>${rows.map((row) => markup`<tr>${row.map((cell) => markup`<td>${cell}</td>`)}</tr>`)}</tbody></table></div>`
}

function terms({ aviso }: PersonFile): Markup {
  const { transparencia: office } = aviso
  return markup`<h2>Para qué se usan y hasta cuándo</h2>
<p>Datos que se tratan:</p><ul>${items(aviso.datos)}</ul>
<p>Finalidades:</p><ul>${items(aviso.finalidades)}</ul>
<p>${aviso.transferencias}</p>
<p>${aviso.medicion}</p>
<p>Quien pide cancelar sus datos los tiene bloqueados durante ${aviso.diasDeBloqueo} días, en los que no se usan; después se suprimen.</p>
<p>Acceso, rectificación, cancelación y oposición: ${office.nombre}, ${office.domicilio}; ${office.correo}, teléfono ${office.telefono}.</p>
<p>Leyes:</p><ul>${items(aviso.leyes)}</ul>
<p>Aviso de privacidad, versión ${aviso.version}: ${aviso.avisoIntegral}</p>`
}

const items = (texts: string[]): Markup[] => texts.map((text) => markup`<li>${text}</li>`)

/** `27 de noviembre de 2026, 15:00` */
const day = (instant: Date | null): string =>
  instant === null ? '' : inMexicoCity(instant).toFormat("d 'de' LLLL 'de' yyyy, HH:mm")

/** `27 nov 2026, 15:00` */
const hour = (instant: Date | null): string =>
  instant === null ? '' : inMexicoCity(instant).toFormat('d LLL yyyy, HH:mm')

const style = [
  'body{font:16px/1.5 Montserrat,Arial,sans-serif;color:#1e1238;background:#fff;margin:0}',
  'main{max-width:64rem;margin:2rem auto;padding:0 1rem}',
  'h1,h2{color:#32215c;line-height:1.2}',
  'h2{margin-top:2rem;font-size:1.2rem;break-after:avoid}',
  'dl div{display:flex;flex-wrap:wrap;gap:0 1rem}',
  'dt{font-weight:bold;min-width:14rem}',
  'dd{margin:0;overflow-wrap:anywhere}',
  '[role=region]{overflow-x:auto}',
  'table{border-collapse:collapse;width:100%;font-size:.9rem}',
  'th,td{border:1px solid #795397;padding:.3rem .5rem;text-align:left;vertical-align:top;overflow-wrap:break-word}',
  'th{background:#ede6f3}',
  'tr{break-inside:avoid}',
  '@media print{body{font-size:10pt}main{max-width:none;margin:0}[role=region]{overflow:visible}}',
].join('')
