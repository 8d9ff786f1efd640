/** How a source is named in an answer's text: [1], or [1, 3] for several at once. */
const MARKER = String.raw`\[(\d{1,2}(?:\s*,\s*\d{1,2})*)\]`;

/** A marker at the start of a text; not the text of a link, "[1](address)". */
const MARKER_AT_START = new RegExp(`^${MARKER}(?!\\()`);

export interface CitationMarker {
  readonly raw: string;
  readonly numbers: readonly number[];
}

export function markerAtStart(text: string): CitationMarker | null {
  const match = MARKER_AT_START.exec(text);
  return match ? { raw: match[0], numbers: numbersIn(match) } : null;
}

/** The numbers of all markers in a text, each once, in the order in which they first appear. */
export function citedIn(text: string): number[] {
  const numbers = [...text.matchAll(new RegExp(MARKER, 'g'))].flatMap(numbersIn);
  return [...new Set(numbers)];
}

function numbersIn(match: RegExpExecArray): number[] {
  return (match[1] ?? '').split(',').map(Number);
}
