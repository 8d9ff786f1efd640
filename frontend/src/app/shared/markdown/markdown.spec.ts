import { TestBed } from '@angular/core/testing';
import { Markdown } from './markdown';

async function show(text: string, inputs: Record<string, unknown> = {}) {
  const fixture = TestBed.createComponent(Markdown);
  fixture.componentRef.setInput('text', text);
  for (const [name, value] of Object.entries(inputs)) fixture.componentRef.setInput(name, value);
  await fixture.whenStable();
  return { fixture, element: fixture.nativeElement as HTMLElement };
}

/** What a browser could run or load. */
const DANGEROUS =
  'script, style, iframe, object, embed, svg, math, img, video, audio, form, input, link, base, meta';

describe('Markdown', () => {
  it('shows blocks and marks as elements', async () => {
    const { element } = await show('# T\n\nA **b** *c*.\n\n1. x\n2. y\n\n```\ncode\n```');
    expect(element.querySelector('[role=heading]')?.textContent).toBe('T');
    expect(element.querySelector('strong')?.textContent).toBe('b');
    expect(element.querySelectorAll('ol > li')).toHaveLength(2);
    expect(element.querySelector('pre')?.textContent).toBe('code');
  });

  it('adds no space of its own around what it shows', async () => {
    const { element } = await show('pre**bold**post `c`, [x](https://example.org)[9].');
    expect(element.textContent).toBe('preboldpost c, x[9].');
  });

  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<svg onload=alert(1)><a xlink:href="javascript:alert(1)">x</a></svg>',
    '<iframe src="https://example.org"></iframe>',
    '<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>',
    '<a href="javascript:alert(1)">x</a>',
    '<form action="https://example.org"><input name=q></form>',
    'text <b onclick="alert(1)">bold</b>',
    '<!-- <img src=x onerror=alert(1)> -->',
    '- <img src=x onerror=alert(1)>',
    '| <img src=x onerror=alert(1)> |\n| - |\n| <script>alert(1)</script> |',
    '![x](https://example.org/pixel.png)',
    '![x" onerror="alert(1)](x)',
    '[x](javascript:alert(1))',
    '[x]( java\nscript:alert(1))',
    '[x](data:text/html;base64,PHNjcmlwdD4=)',
    '[<img src=x onerror=alert(1)>](https://example.org)',
    '<javascript:alert(1)>',
    '```<img src=x onerror=alert(1)>\n<script>alert(1)</script>\n```',
    '&lt;img src=x onerror=alert(1)&gt;',
    '[1]: javascript:alert(1)\n\n[x][1]',
  ])('runs and loads nothing of %j', async (text) => {
    for (const growing of [false, true]) {
      const { element } = await show(text, { growing });
      expect(element.querySelector(DANGEROUS)).toBeNull();
      for (const one of element.querySelectorAll('*')) {
        expect(one.getAttributeNames().filter((name) => name.startsWith('on'))).toEqual([]);
      }
      for (const link of element.querySelectorAll('a')) {
        expect(link.protocol).toMatch(/^(https?|mailto):$/);
      }
    }
  });

  it('shows raw HTML as it was written', async () => {
    const { element } = await show('Use <b onclick="x()">this</b>.');
    expect(element.textContent).toBe('Use <b onclick="x()">this</b>.');
  });

  it('opens links in a window that knows nothing of this one', async () => {
    const { element } = await show('[x](https://example.org/a)');
    const link = element.querySelector('a');
    expect(link?.getAttribute('rel')).toBe('noopener noreferrer');
    expect(link?.target).toBe('_blank');
  });

  it.each([
    '![plan](https://evil.example/p.png?d=1)',
    '[![plan](https://evil.example/p.png)](https://evil.example/?d=1)',
    '![plan][p]\n\n[p]: https://evil.example/p.png',
    '<img src="https://evil.example/p.png" srcset="https://evil.example/q.png 2x">',
    '<a href="https://evil.example" ping="https://evil.example" autofocus>x</a>',
    '<link rel="prefetch" href="https://evil.example"><meta http-equiv="refresh" content="0;url=//evil.example">',
    '<p style="background:url(https://evil.example/p.png)">x</p>',
    '[x](javascript:open("https://evil.example"))',
    'See [this](https://evil.example/?d=1), <https://evil.example> and https://evil.example/?d=1.',
  ])('loads and opens nothing by itself of %j, and shows where links lead', async (text) => {
    const opened = vi.spyOn(window, 'open').mockReturnValue(null);
    const fetched = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('fetched'));
    const { element } = await show(text);
    expect(opened).not.toHaveBeenCalled();
    expect(fetched).not.toHaveBeenCalled();
    expect(element.querySelector(DANGEROUS)).toBeNull();
    expect(element.querySelector('[src], [srcset], [style], [ping], [autofocus]')).toBeNull();
    for (const link of element.querySelectorAll('a')) {
      expect(link.rel).toBe('noopener noreferrer');
      expect(link.target).toBe('_blank');
      expect(link.title).toBe(link.href);
    }
    vi.restoreAllMocks();
  });

  it('makes buttons of the citations of known sources only', async () => {
    const citations = new Map([[1, 'Source 1: Manual']]);
    const { fixture, element } = await show('So it **is [1]**, not [7].', { citations });
    const cited: number[] = [];
    fixture.componentInstance.cited.subscribe((n) => cited.push(n));
    const buttons = [...element.querySelectorAll('button')];
    expect(buttons.map((button) => button.getAttribute('aria-label'))).toEqual([
      'Source 1: Manual',
    ]);
    expect(element.textContent).toContain('[7]');
    buttons[0]?.click();
    expect(cited).toEqual([1]);
  });

  it.each([
    '- x [1]',
    '> x [1]',
    '| x |\n| - |\n| [1] |',
    '| [1] |\n| - |',
    '## x [1]',
    '*x [1]*',
    '~~[1]~~',
  ])('passes on citations from %j', async (text) => {
    const { fixture, element } = await show(text, { citations: new Map([[1, 'Source 1']]) });
    const cited: number[] = [];
    fixture.componentInstance.cited.subscribe((n) => cited.push(n));
    element.querySelector('button')?.click();
    expect(cited).toEqual([1]);
  });

  it('keeps the elements of what was there while it grows', async () => {
    const { fixture, element } = await show('First **one**.\n\nSec', { growing: true });
    const first = element.querySelector('strong');
    fixture.componentRef.setInput('text', 'First **one**.\n\nSecond **tw');
    await fixture.whenStable();
    expect(element.querySelector('strong')).toBe(first);
    expect(element.textContent).toBe('First one.Second tw');
    expect(element.querySelectorAll('strong')).toHaveLength(2);
  });

  it('shows unfinished marks as they are once nothing more comes', async () => {
    const { element } = await show('Uses **bold', { growing: false });
    expect(element.textContent).toBe('Uses **bold');
  });
});
