/** The named styles of the DOCX and the measures of its page. Nothing else says how a text looks. */
import {
  AlignmentType,
  BorderStyle,
  LevelFormat,
  LineRuleType,
  type IParagraphStyleOptions,
  type IPropertiesOptions,
} from 'docx'

const purple = '32215C'
const muted = '5B5B6B'
const rule = '795397'
const shade = 'EDE6F3'

/** Letter, which is what offices in Mexico print on. Twips. */
export const pageSize = {
  size: { width: 12_240, height: 15_840 },
  margin: { top: 1_700, right: 1_418, bottom: 1_418, left: 1_418, header: 709, footer: 709 },
} as const

export const textWidthTwips = 12_240 - 2 * 1_418
export const textWidthPixels = Math.floor(textWidthTwips / 15)

/** 1.15 lines, whatever the size of the letter. */
const leading = { line: 276, lineRule: LineRuleType.AUTO } as const

const font = 'Arial'
/** Half-points. */
const points = (size: number): number => size * 2

const paragraphStyles: IParagraphStyleOptions[] = [
  style('BodyText', 'Body Text', {
    paragraph: { alignment: AlignmentType.BOTH, spacing: { after: 160, ...leading } },
  }),
  style('Subtitle', 'Subtitle', {
    run: { size: points(18), bold: true, allCaps: true, color: purple },
    paragraph: { alignment: AlignmentType.CENTER, spacing: { before: 2_400, after: 1_400 } },
  }),
  style('PortadaRenglon', 'Portada: renglón', {
    run: { size: points(12), bold: true, allCaps: true },
    paragraph: { alignment: AlignmentType.CENTER, spacing: { before: 240, after: 120 } },
  }),
  style('Header', 'header', {
    run: { size: points(8.5), color: muted },
    paragraph: {
      alignment: AlignmentType.CENTER,
      border: { bottom: { style: BorderStyle.SINGLE, size: 4, color: rule, space: 4 } },
    },
  }),
  style('Footer', 'footer', {
    run: { size: points(8.5), color: muted },
    paragraph: { alignment: AlignmentType.CENTER },
  }),
  style('ListBullet', 'List Bullet', {
    paragraph: {
      alignment: AlignmentType.BOTH,
      numbering: { reference: 'vistos', level: 0 },
      spacing: { after: 120, ...leading },
    },
  }),
  style('ListBullet2', 'List Bullet 2', {
    paragraph: {
      alignment: AlignmentType.BOTH,
      numbering: { reference: 'vistos', level: 1 },
      spacing: { after: 80, ...leading },
    },
  }),
  style('TablaIntroduccion', 'Tabla: introducción', {
    basedOn: 'BodyText',
    paragraph: { keepNext: true, spacing: { before: 120, after: 160, ...leading } },
  }),
  style('TablaTexto', 'Tabla: texto', { run: { size: points(10) } }),
  style('TablaEncabezado', 'Tabla: encabezado', {
    run: { size: points(10), bold: true, color: purple },
    paragraph: { keepNext: true },
  }),
  style('TablaNota', 'Tabla: nota', {
    run: { size: points(9) },
    paragraph: { spacing: { before: 80, after: 160 } },
  }),
  style('TablaCifras', 'Tabla: cifras', { run: { size: points(8) } }),
  style('TablaCifrasEncabezado', 'Tabla: encabezado de cifras', {
    run: { size: points(8), bold: true, color: purple },
    paragraph: { keepNext: true },
  }),
  style('Grafica', 'Gráfica', {
    paragraph: { alignment: AlignmentType.CENTER, keepNext: true, spacing: { after: 160 } },
  }),
]

export const styles: NonNullable<IPropertiesOptions['styles']> = {
  default: {
    document: {
      run: { font, size: points(11), language: { value: 'es-MX', eastAsia: 'es-MX' } },
    },
    title: {
      run: { size: points(16), bold: true, allCaps: true },
      paragraph: { alignment: AlignmentType.CENTER, spacing: { after: 1_800 } },
    },
    heading1: headingStyle({ size: 13, bold: true, before: 360, indent: 0 }),
    heading2: headingStyle({ size: 12, bold: true, before: 320, indent: 0 }),
    heading3: headingStyle({ size: 11, bold: false, before: 280, indent: 284 }),
    heading4: headingStyle({ size: 11, bold: false, before: 240, indent: 567 }),
    caption: {
      run: { size: points(11), bold: true, color: purple },
      paragraph: { keepNext: true, spacing: { before: 240, after: 120 } },
    },
  },
  paragraphStyles,
  characterStyles: [
    { id: 'Strong', name: 'Strong', quickFormat: true, run: { bold: true } },
    { id: 'Emphasis', name: 'Emphasis', quickFormat: true, run: { italics: true } },
    { id: 'StrongEmphasis', name: 'Negritas y cursivas', run: { bold: true, italics: true } },
  ],
}

/** «✓ » and, inside it, «- »: as the paper prints them. */
export const numbering: NonNullable<IPropertiesOptions['numbering']> = {
  config: [
    {
      reference: 'vistos',
      levels: ['✓', '–'].map((text, level) => ({
        level,
        format: LevelFormat.BULLET,
        text,
        alignment: AlignmentType.LEFT,
        style: {
          run: { font: level === 0 ? 'Segoe UI Symbol' : font },
          paragraph: { indent: { left: 927 + level * 360, hanging: 360 } },
        },
      })),
    },
  ],
}

function style(
  id: string,
  name: string,
  options: Omit<IParagraphStyleOptions, 'id' | 'name'>,
): IParagraphStyleOptions {
  return { id, name, basedOn: 'Normal', quickFormat: true, ...options }
}

function headingStyle({
  size,
  bold,
  before,
  indent,
}: {
  size: number
  bold: boolean
  before: number
  indent: number
}) {
  return {
    run: { font, size: points(size), bold, color: purple },
    paragraph: {
      keepNext: true,
      keepLines: true,
      indent: { left: indent },
      spacing: { before, after: 160 },
    },
  }
}

/** docx writes no table styles of its own: this one is as Word has it. */
export const tableStyles = (): string => {
  const border = (side: string) =>
    `<w:${side} w:val="single" w:sz="4" w:space="0" w:color="${rule}"/>`
  const borders = ['top', 'left', 'bottom', 'right', 'insideH', 'insideV'].map(border).join('')
  const margins = Object.entries({ top: 50, left: 90, bottom: 50, right: 90 })
    .map(([side, width]) => `<w:${side} w:w="${width}" w:type="dxa"/>`)
    .join('')
  return `<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">
    <w:style w:type="table" w:customStyle="1" w:styleId="TablaInforme">
      <w:name w:val="Tabla del informe"/>
      <w:uiPriority w:val="59"/>
      <w:tblPr>
        <w:tblBorders>${borders}</w:tblBorders>
        <w:tblCellMar>${margins}</w:tblCellMar>
      </w:tblPr>
      <w:tblStylePr w:type="firstRow">
        <w:tcPr><w:shd w:val="clear" w:color="auto" w:fill="${shade}"/></w:tcPr>
      </w:tblStylePr>
    </w:style>
  </w:styles>`
}
