import { citedIn, markerAtStart } from './citation-markers';

describe('markerAtStart', () => {
  it('reads one number, or several', () => {
    expect(markerAtStart('[12] and')).toEqual({ raw: '[12]', numbers: [12] });
    expect(markerAtStart('[1, 3]')).toEqual({ raw: '[1, 3]', numbers: [1, 3] });
  });

  it.each(['[1](https://example.org)', '[a]', 'x [1]', '[2025]', '[]'])(
    'is null for %s',
    (text) => {
      expect(markerAtStart(text)).toBeNull();
    },
  );
});

describe('citedIn', () => {
  it('lists each number once, in the order of the text', () => {
    expect(citedIn('A [3][1]. B [1, 2] and [2024].')).toEqual([3, 1, 2]);
  });
});
