/** The languages that the client speaks. */
export type Language = 'pt' | 'es' | 'en';

export const LANGUAGES: readonly Language[] = ['pt', 'es', 'en'];

/** What stands in `<html lang>` and in Accept-Language: our Portuguese is Brazil's. */
export const LANGUAGE_TAGS: Readonly<Record<Language, string>> = {
  pt: 'pt-BR',
  es: 'es',
  en: 'en',
};

/** The languages' own names, for the switch. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
  pt: 'Português',
  es: 'Español',
  en: 'English',
};

/** The cookie, and the key in the browser's storage, that keep what the person chose. */
export const LANGUAGE_KEY = 'acervo-language';

export function isLanguage(value: unknown): value is Language {
  return LANGUAGES.includes(value as Language);
}

/** The first preference that the client speaks, by its primary tag ("pt-PT" is pt); English where none is. */
export function chooseLanguage(preferences: readonly string[]): Language {
  for (const preference of preferences) {
    const primary = preference.trim().toLowerCase().split('-', 1)[0];
    if (isLanguage(primary)) return primary;
  }
  return 'en';
}

/** The languages of an Accept-Language header, most wanted first (RFC 9110, 12.5.4). */
export function acceptedLanguages(header: string): string[] {
  return header
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.split(';').map((piece) => piece.trim());
      const weight = parameters.find((parameter) => parameter.startsWith('q='));
      return { tag, weight: weight ? Number(weight.slice(2)) || 0 : 1 };
    })
    .filter(({ tag, weight }) => tag !== '' && weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .map(({ tag }) => tag);
}

/** The language kept in a Cookie header, if there is one that we speak. */
export function languageInCookies(header: string): Language | null {
  for (const cookie of header.split(';')) {
    const [name, value] = cookie.split('=').map((piece) => piece.trim());
    if (name === LANGUAGE_KEY && isLanguage(value)) return value;
  }
  return null;
}
