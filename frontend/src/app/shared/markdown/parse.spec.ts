import type { BlockNode, InlineNode } from './nodes';
import { GrowingMarkdown } from './parse';

function parse(markdown: string): readonly BlockNode[] {
  return new GrowingMarkdown().parse(markdown);
}

function inline(markdown: string): readonly InlineNode[] {
  const [block] = parse(markdown);
  return block && 'children' in block ? block.children : [];
}

describe('GrowingMarkdown', () => {
  it('reads the marks within a line', () => {
    expect(inline('a **b** *c* ~~d~~ `e` \\*f')).toEqual([
      { kind: 'text', text: 'a ' },
      { kind: 'strong', children: [{ kind: 'text', text: 'b' }] },
      { kind: 'text', text: ' ' },
      { kind: 'emphasis', children: [{ kind: 'text', text: 'c' }] },
      { kind: 'text', text: ' ' },
      { kind: 'deleted', children: [{ kind: 'text', text: 'd' }] },
      { kind: 'text', text: ' ' },
      { kind: 'code', text: 'e' },
      { kind: 'text', text: ' ' },
      { kind: 'text', text: '*' },
      { kind: 'text', text: 'f' },
    ]);
  });

  it('reads headings, quotes, rules and code', () => {
    expect(parse('## T\n\n> q\n\n---\n\n```sh\na <b>\n```').map(({ kind }) => kind)).toEqual([
      'heading',
      'quote',
      'rule',
      'code',
    ]);
  });

  it('reads a list from its first number on, with what stands within', () => {
    expect(parse('3. a\n4. b\n   - c')).toMatchObject([
      {
        kind: 'list',
        ordered: true,
        start: 3,
        items: [[{ kind: 'line' }], [{}, { kind: 'list' }]],
      },
    ]);
  });

  it('reads a table', () => {
    expect(parse('| A | B |\n| - | - |\n| 1<br>2 | [1] |')).toEqual([
      {
        kind: 'table',
        header: [[{ kind: 'text', text: 'A' }], [{ kind: 'text', text: 'B' }]],
        rows: [
          [
            [{ kind: 'text', text: '1' }, { kind: 'break' }, { kind: 'text', text: '2' }],
            [{ kind: 'citation', n: 1 }],
          ],
        ],
      },
    ]);
  });

  it('reads citations, one by one and several at once', () => {
    expect(inline('so [1], [2, 3].')).toEqual([
      { kind: 'text', text: 'so ' },
      { kind: 'citation', n: 1 },
      { kind: 'text', text: ', ' },
      { kind: 'citation', n: 2 },
      { kind: 'citation', n: 3 },
      { kind: 'text', text: '.' },
    ]);
  });

  it('takes no citation from code', () => {
    expect(inline('`a[1]`')).toEqual([{ kind: 'code', text: 'a[1]' }]);
  });

  it('shows a list of sources that looks like definitions of links', () => {
    expect(inline('[1]: Manual')).toEqual([
      { kind: 'citation', n: 1 },
      { kind: 'text', text: ': Manual' },
    ]);
  });

  it('decodes character references in text, and not in code', () => {
    expect(inline('a &lt; b `&lt;`')).toEqual([
      { kind: 'text', text: 'a < b ' },
      { kind: 'code', text: '&lt;' },
    ]);
  });

  it.each(['https://example.org/a', 'http://example.org/', 'mailto:a@example.org'])(
    'links to %s',
    (href) => {
      expect(inline(`[x](${href})`)).toMatchObject([{ kind: 'link', href }]);
    },
  );

  it.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'java&#115;cript:alert(1)',
    'data:text/html,hello',
    'vbscript:x',
    'file:///etc/passwd',
    'blob:http://localhost/1',
    '/documents/d1/file',
    '//example.org',
  ])('keeps only the text of a link to %s', (href) => {
    expect(inline(`[x](<${href}>)`)).toEqual([{ kind: 'text', text: 'x' }]);
  });

  it('makes a link of a picture', () => {
    expect(inline('![plan](https://example.org/x.png)')).toEqual([
      {
        kind: 'link',
        href: 'https://example.org/x.png',
        children: [{ kind: 'text', text: 'plan' }],
      },
    ]);
    expect(inline('![plan](data:image/svg+xml;base64,AAAA)')).toEqual([
      { kind: 'text', text: 'plan' },
    ]);
  });

  it('keeps the blocks of a growing text that have not changed', () => {
    const parser = new GrowingMarkdown();
    const before = parser.parse('First.\n\n- a\n- b\n\nLa');
    const after = parser.parse('First.\n\n- a\n- b\n\nLast.');
    expect(after[0]).toBe(before[0]);
    expect(after[1]).toBe(before[1]);
    expect(after[2]).not.toBe(before[2]);
    expect(after[2]).toMatchObject({ children: [{ text: 'Last.' }] });
  });

  it('can be cut anywhere without failing', () => {
    const text = '# T\n\nA **b** [1](x) `c\n\n| a | b |\n| - | - |\n| <svg | [2] |\n\n```\nx';
    const parser = new GrowingMarkdown();
    for (let end = 0; end <= text.length; end++) parser.parse(text.slice(0, end));
    expect(parser.parse(text)).toEqual(parse(text));
  });
});
