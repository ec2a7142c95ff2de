/**
 * In which encoding a text file is. A byte order mark says it; else UTF-16 shows by the NULs of its Latin letters, and
 * UTF-8 by having no byte out of place; what is left is the Windows-1252 of Excel. No heuristics on words.
 */

export const encodings = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const
export type Encoding = (typeof encodings)[number]

/** Of a text that comes in pieces: `read` each, then ask. Keeps nothing of them. */
export function encodingDetector(): { read(chunk: Uint8Array): void; encoding(): Encoding } {
  const strict = new TextDecoder('utf-8', { fatal: true })
  let head = new Uint8Array(0)
  let isUtf8 = true
  const stillUtf8 = (chunk?: Uint8Array): boolean => {
    try {
      strict.decode(chunk, { stream: chunk !== undefined })
      return true
    } catch {
      return false
    }
  }
  return {
    read(chunk) {
      if (head.length < headBytes) head = Buffer.concat([head, chunk.subarray(0, headBytes)])
      isUtf8 &&= stillUtf8(chunk)
    },
    encoding() {
      const marked = byMark(head) ?? byNuls(head)
      if (marked) return marked
      isUtf8 &&= stillUtf8()
      return isUtf8 ? 'utf-8' : 'windows-1252'
    },
  }
}

/** A whole text, without its byte order mark. */
export function decodeText(bytes: Uint8Array): string {
  const detector = encodingDetector()
  detector.read(bytes)
  return new TextDecoder(detector.encoding()).decode(bytes)
}

/** The same in pieces; a character that two of them share is not cut. */
export async function* decodeChunks(
  chunks: AsyncIterable<Uint8Array>,
  encoding: Encoding,
): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding)
  for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true })
  yield decoder.decode()
}

const headBytes = 4096

function byMark(head: Uint8Array): Encoding | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le'
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be'
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 'utf-8'
  return undefined
}

/** Letters of Latin alphabets have a NUL for their high byte: nearly every second byte, and hardly any of the others. */
function byNuls(head: Uint8Array): Encoding | undefined {
  const pairs = Math.floor(head.length / 2)
  if (pairs === 0) return undefined
  let first = 0
  let second = 0
  for (let i = 0; i < pairs; i++) {
    if (head[2 * i] === 0) first++
    if (head[2 * i + 1] === 0) second++
  }
  if (second > pairs * 0.7 && first < pairs * 0.1) return 'utf-16le'
  if (first > pairs * 0.7 && second < pairs * 0.1) return 'utf-16be'
  return undefined
}
