import { decodeEntities } from './entities';

describe('decodeEntities', () => {
  it('decodes names and numbers', () => {
    expect(decodeEntities('a &amp; b &lt;c&gt; &#231; &#x1F5C2; &quot;')).toBe('a & b <c> ç 🗂 "');
  });

  it('leaves what it does not know', () => {
    expect(decodeEntities('&madeup; &#0; &#9999999; R&D')).toBe('&madeup; &#0; &#9999999; R&D');
  });

  it('decodes once only', () => {
    expect(decodeEntities('&amp;lt;')).toBe('&lt;');
  });
});
