/**
 * A cell that a spreadsheet would take for a formula gets an apostrophe before it, as OWASP recommends («CSV Injection»):
 * what is printed may come from a subject or from a form.
 */
export const neutralise = (cell: string): string => (startsFormula.test(cell) ? `'${cell}` : cell)

// with the full-width forms, which some versions of Excel take for the same
const startsFormula = /^[=+\-@\t\r\n＝＋－＠]/
