/** What a person should look at before a mail leaves, read from the mail itself. None of it stops it. */
import { warningsOf } from './render.ts'

/** In Spanish, whole sentences. `publicUrl`: our own links are as safe as it is. */
export function checkMail(
  { subject, html, plainText }: { subject: string; html: string; plainText: string },
  { publicUrl }: { publicUrl: string },
): string[] {
  return [
    ...warningsOf(subject, html, Buffer.byteLength(html)),
    ...withoutAlternative(html),
    ...insecureLinks(html, new URL(publicUrl).origin),
    ...placeholders(`${subject}\n${plainText}`),
    ...markup(`${subject}\n${plainText}`),
  ]
}

function withoutAlternative(html: string): string[] {
  const images = html.match(/<img\b[^>]*>/gi) ?? []
  const silent = images.filter((image) => !/\salt\s*=/i.test(image)).length
  if (silent === 0) return []
  return [
    `${silent === 1 ? 'Una imagen no tiene' : `${silent} imágenes no tienen`} texto alternativo: quien no la ve no sabe qué dice. Escríbalo en el contenido.`,
  ]
}

function insecureLinks(html: string, own: string): string[] {
  const links = [...html.matchAll(/\shref="(http:\/\/[^"]*)"/gi)].map(([, link]) => link!)
  const foreign = links.filter((link) => link !== own && !link.startsWith(`${own}/`))
  return [...new Set(foreign)]
    .slice(0, 5)
    .map(
      (link) =>
        `La liga ${link.replaceAll('&amp;', '&').slice(0, 120)} empieza con http://: use https:// si el sitio lo permite.`,
    )
}

function placeholders(text: string): string[] {
  const left = new Set([...text.matchAll(unfilled)].map(([found]) => found))
  return [...left]
    .slice(0, 5)
    .map((found) => `Dice «${found.slice(0, 60)}», que parece un dato por llenar. Escriba el dato.`)
}

const unfilled =
  /\{\{|\}\}|\b[Xx]{3,}\b|\blorem ipsum\b|\[[^\]\n]{0,40}\b(?:pendiente|por definir|por confirmar|completar|insertar|nombre|fecha|hora|liga|lugar|sede)\b[^\]\n]{0,40}\]|\b(?:POR DEFINIR|PENDIENTE|POR CONFIRMAR|TBD)\b/g

/** What was pasted with its markup is text here: whoever reads the mail reads it too. */
function markup(text: string): string[] {
  const [tag] = tags.exec(text) ?? []
  if (tag === undefined) return []
  return [
    `Trae etiquetas como «${tag.slice(0, 60)}», que se leerán tal cual en el correo. Vuelva a pegar el texto sin formato.`,
  ]
}

// `<p class=MsoNormal>`, `</span>`, `<o:p>`, `<!--[if`; not «<5 %» nor an address in brackets
const tags = /<!--|<\/?[a-z][a-z0-9]*(?::[a-z]+)?(?:\s[^<>]*)?\/?>/i
