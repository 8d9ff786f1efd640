import { Marked, type MarkedToken, type Token, type Tokens } from 'marked';
import { markerAtStart } from '../citation-markers';
import { decodeEntities } from './entities';
import type { BlockNode, InlineNode } from './nodes';

/** Anything else in a link could run something, or lead into the client's own address. */
const LINK_PROTOCOLS: readonly string[] = ['http:', 'https:', 'mailto:'];

const CITATION = 'citation';

interface CitationToken extends Tokens.Generic {
  readonly type: typeof CITATION;
  readonly numbers: readonly number[];
}

const marked = new Marked({
  gfm: true,
  tokenizer: {
    // "[1]: …" in an answer names a source. Read as a link's definition it would vanish.
    def: () => undefined,
  },
  extensions: [
    {
      name: CITATION,
      level: 'inline',
      start: (text) => {
        const at = text.indexOf('[');
        return at < 0 ? undefined : at;
      },
      tokenizer: (text): CitationToken | undefined => {
        const marker = markerAtStart(text);
        return marker ? { type: CITATION, ...marker } : undefined;
      },
    },
  ],
});

/**
 * Parses text that grows. A block that has not changed since the last call is the same object again, so that
 * only the end of a growing answer is rendered anew.
 */
export class GrowingMarkdown {
  private last: readonly { readonly raw: string; readonly node: BlockNode }[] = [];

  parse(markdown: string): readonly BlockNode[] {
    const tokens = marked.lexer(markdown).filter(({ type }) => type !== 'space');
    this.last = tokens.flatMap((token, index) => {
      const before = this.last[index];
      if (before?.raw === token.raw) return [before];
      return blocks([token]).map((node) => ({ raw: token.raw, node }));
    });
    return this.last.map(({ node }) => node);
  }
}

function blocks(tokens: readonly Token[]): BlockNode[] {
  return (tokens as readonly MarkedToken[]).flatMap(block);
}

function block(token: MarkedToken): BlockNode[] {
  switch (token.type) {
    case 'paragraph':
      return [{ kind: 'paragraph', children: inlines(token.tokens) }];
    case 'text':
      return [{ kind: 'line', children: token.tokens ? inlines(token.tokens) : inline(token) }];
    case 'heading':
      return [{ kind: 'heading', level: token.depth, children: inlines(token.tokens) }];
    case 'code':
      return [{ kind: 'code', text: token.text }];
    case 'blockquote':
      return [{ kind: 'quote', blocks: blocks(token.tokens) }];
    case 'list': {
      const items = token.items.map((item) => blocks(item.tokens));
      return [{ kind: 'list', ordered: token.ordered, start: token.start || 1, items }];
    }
    case 'table': {
      const cells = (row: readonly Tokens.TableCell[]) => row.map((cell) => inlines(cell.tokens));
      return [{ kind: 'table', header: cells(token.header), rows: token.rows.map(cells) }];
    }
    case 'hr':
      return [{ kind: 'rule' }];
    case 'space':
    case 'def':
      return [];
    case 'html':
      return token.text.trim() ? [{ kind: 'paragraph', children: inline(token) }] : [];
    default:
      return [{ kind: 'line', children: inline(token) }];
  }
}

function inlines(tokens: readonly Token[]): InlineNode[] {
  return tokens.flatMap((token) =>
    isCitation(token)
      ? token.numbers.map((n): InlineNode => ({ kind: 'citation', n }))
      : inline(token as MarkedToken),
  );
}

function isCitation(token: Token): token is CitationToken {
  return token.type === CITATION;
}

function inline(token: MarkedToken): InlineNode[] {
  switch (token.type) {
    case 'strong':
      return [{ kind: 'strong', children: inlines(token.tokens) }];
    case 'em':
      return [{ kind: 'emphasis', children: inlines(token.tokens) }];
    case 'del':
      return [{ kind: 'deleted', children: inlines(token.tokens) }];
    case 'codespan':
      return [{ kind: 'code', text: token.text }];
    case 'br':
      return [{ kind: 'break' }];
    case 'link':
      return link(token.href, inlines(token.tokens));
    case 'image':
      // A picture would tell its server that this answer was read, so it is a link to follow or not.
      return link(token.href, [{ kind: 'text', text: decodeEntities(token.text) || token.href }]);
    case 'html':
      // Tables use it for line breaks; every other tag is shown as it was written.
      if (/^<br\s*\/?>$/i.test(token.raw.trim())) return [{ kind: 'break' }];
      return [{ kind: 'text', text: token.raw }];
    case 'checkbox':
      return [{ kind: 'text', text: token.checked ? '☑ ' : '☐ ' }];
    case 'escape':
      return [{ kind: 'text', text: token.text }];
    case 'text':
      return token.tokens
        ? inlines(token.tokens)
        : [{ kind: 'text', text: decodeEntities(token.text) }];
    default:
      return [{ kind: 'text', text: token.raw }];
  }
}

function link(href: string, children: InlineNode[]): InlineNode[] {
  const url = URL.canParse(href) ? new URL(href) : null;
  if (!url || !LINK_PROTOCOLS.includes(url.protocol)) return children;
  return [{ kind: 'link', href: url.href, children }];
}
