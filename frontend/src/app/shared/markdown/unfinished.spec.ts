import { finishMarkdown } from './unfinished';

describe('finishMarkdown', () => {
  it.each([
    ['Uses **bold', 'Uses **bold**'],
    ['Uses **bold*', 'Uses **bold**'],
    ['Uses **bold** text', 'Uses **bold** text'],
    ['Run `npm', 'Run `npm`'],
    ['Run `a ** b` and', 'Run `a ** b` and'],
    ['It is so [', 'It is so '],
    ['It is so [1', 'It is so '],
    ['It is so [1, ', 'It is so '],
    ['It is so [1]', 'It is so [1]'],
    ['See [the page', 'See the page'],
    ['See [the page](https://exam', 'See the page'],
    ['See ![a plan](https://exam', 'See a plan'],
    ['See [the page](https://example.org)', 'See [the page](https://example.org)'],
    ['Now **', 'Now '],
    ['Plain text', 'Plain text'],
    ['', ''],
  ])('makes of %j', (text, finished) => {
    expect(finishMarkdown(text)).toBe(finished);
  });

  it('leaves an open block of code alone', () => {
    expect(finishMarkdown('Run:\n\n```sh\na[1 **b `c')).toBe('Run:\n\n```sh\na[1 **b `c');
  });

  it('looks at the last paragraph only', () => {
    expect(finishMarkdown('A ** b\n\nUses **bold')).toBe('A ** b\n\nUses **bold**');
  });
});
