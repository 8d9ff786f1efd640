/**
 * Readies Markdown that is still being written: what has been opened at its end and not closed yet is closed,
 * or held back while it is too short to tell, so that no marks flash up and vanish as the answer grows.
 */
export function finishMarkdown(text: string): string {
  // Everything in an open block of code is as it stands.
  if (hasOpenFence(text)) return text;
  const start = text.lastIndexOf('\n\n') + 1;
  return text.slice(0, start) + closeMarks(text.slice(start));
}

function hasOpenFence(text: string): boolean {
  return (text.match(/^ {0,3}(```|~~~)/gm)?.length ?? 0) % 2 === 1;
}

function closeMarks(paragraph: string): string {
  let settled = paragraph
    // A citation or link of which only the beginning has come: "[", "[1", "[text](http://…".
    .replace(/!?\[(?:\d{0,2}(?:\s*,\s*\d{0,2})*)$/, '')
    .replace(/!?\[([^\][\n]+)\]\([^)\s]*$/, '$1')
    .replace(/!?\[([^\][\n]*)$/, '$1')
    // Marks at the very end may open something or be one half of a longer mark.
    .replace(/(?<=^|\s)(?:\*{1,3}|_{1,3}|~{1,2}|`)$/, '');
  if (count(settled, /`/g) % 2 === 1) return settled + '`';
  const outsideCode = () => settled.replace(/`[^`]*`/g, '');
  if (count(outsideCode(), /\*\*/g) % 2 === 1) {
    // "**bold*" waits for the second half of its closing mark.
    settled = settled.replace(/(?<=[^*\s])\*$/, '').trimEnd() + '**';
  }
  return settled;
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
