import { acceptedLanguages, chooseLanguage, languageInCookies } from './language';

describe('chooseLanguage', () => {
  it.each([
    [['pt-PT', 'en'], 'pt'],
    [['fr', 'es-MX', 'en'], 'es'],
    [['EN-us'], 'en'],
    [['fr', 'de'], 'en'],
    [[], 'en'],
  ])('chooses from %j', (preferences, language) => {
    expect(chooseLanguage(preferences)).toBe(language);
  });
});

describe('acceptedLanguages', () => {
  it('puts the most wanted first, and leaves out those not wanted at all', () => {
    expect(acceptedLanguages('en;q=0.5, es-419;q=0.9 ,pt-BR, de;q=0')).toEqual([
      'pt-BR',
      'es-419',
      'en',
    ]);
  });

  it('keeps the order of equals', () => {
    expect(acceptedLanguages('pt,es')).toEqual(['pt', 'es']);
  });

  it('finds none in nothing, or in nonsense', () => {
    expect(acceptedLanguages('')).toEqual([]);
    expect(acceptedLanguages('pt;q=much')).toEqual([]);
  });
});

describe('languageInCookies', () => {
  it('finds the language among other cookies', () => {
    expect(languageInCookies('a=b; acervo-language=es; c=d')).toBe('es');
  });

  it('ignores a language that the client does not speak', () => {
    expect(languageInCookies('acervo-language=<script>')).toBeNull();
    expect(languageInCookies('')).toBeNull();
  });
});
