import { LANGUAGES } from '../language';
import { MESSAGES } from '.';

/** Every sentence by its path, functions called with samples of what they are given. */
function sentences(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') {
    const sentence = (value as (...values: unknown[]) => string)(3, 7);
    return [[path, sentence]];
  }
  return Object.entries(value as object).flatMap(([key, child]) =>
    sentences(child, `${path}.${key}`),
  );
}

describe('the sentences', () => {
  it.each(LANGUAGES)('are all there in %s, and none is empty', (language) => {
    const own = sentences(MESSAGES[language]);
    expect(own.map(([path]) => path).sort()).toEqual(
      sentences(MESSAGES.en)
        .map(([path]) => path)
        .sort(),
    );
    expect(own.filter(([, text]) => text.trim() === '')).toEqual([]);
  });

  it.each(['pt', 'es'] as const)('are translated in %s', (language) => {
    const english = new Map(sentences(MESSAGES.en));
    const same = sentences(MESSAGES[language]).filter(([path, text]) => english.get(path) === text);
    expect(same).toEqual([]);
  });

  it.each(LANGUAGES)('say in %s what they are given', (language) => {
    const { pageOf, citation, errorUnreachable } = MESSAGES[language];
    expect(pageOf(3, 47)).toMatch(/3.*47/);
    expect(citation(2, 'Manual.pdf')).toMatch(/2.*Manual\.pdf/);
    expect(errorUnreachable('http://localhost:8000')).toContain('http://localhost:8000');
  });

  it.each(LANGUAGES)('count in %s', (language) => {
    const { pagesCount, otherPassages, documentsChosen, reading } = MESSAGES[language];
    for (const count of [pagesCount, otherPassages, documentsChosen, reading]) {
      expect(count(1)).toContain('1');
      expect(count(2)).toContain('2');
      expect(count(1).replace('1', '')).not.toBe(count(2).replace('2', ''));
    }
  });
});
