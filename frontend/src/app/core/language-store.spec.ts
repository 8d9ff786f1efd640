import { DOCUMENT, makeStateKey, PLATFORM_ID, REQUEST, TransferState } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { LOCAL_STORAGE, WINDOW } from './browser';
import type { Language } from './language';
import { LanguageStore } from './language-store';

const STATE_KEY = makeStateKey<Language>('language');

function browser(languages: string[], kept: string | null = null) {
  const storage = new Map(kept === null ? [] : [['acervo-language', kept]]);
  TestBed.configureTestingModule({
    providers: [
      { provide: WINDOW, useValue: { navigator: { languages } } },
      {
        provide: LOCAL_STORAGE,
        useValue: {
          getItem: (key: string) => storage.get(key) ?? null,
          setItem: (key: string, value: string) => storage.set(key, value),
        },
      },
    ],
  });
  return storage;
}

function request(headers: Record<string, string>) {
  TestBed.configureTestingModule({
    providers: [
      { provide: PLATFORM_ID, useValue: 'server' },
      { provide: REQUEST, useValue: new Request('http://localhost/', { headers }) },
    ],
  });
}

describe('LanguageStore', () => {
  afterEach(() => {
    document.cookie = 'acervo-language=; Max-Age=0; Path=/';
  });

  it('speaks the language that the browser prefers', () => {
    browser(['es-AR', 'en']);
    expect(TestBed.inject(LanguageStore).language()).toBe('es');
  });

  it('speaks the language kept from an earlier visit', () => {
    browser(['es-AR'], 'pt');
    expect(TestBed.inject(LanguageStore).language()).toBe('pt');
  });

  it('begins with the language that the server rendered, and then takes the kept one', async () => {
    browser(['es'], 'pt');
    TestBed.inject(TransferState).set(STATE_KEY, 'en');
    const store = TestBed.inject(LanguageStore);
    expect(store.language()).toBe('en');
    TestBed.tick();
    await Promise.resolve();
    expect(store.language()).toBe('pt');
  });

  it('keeps a choice in the storage, in a cookie and in the document’s language', () => {
    const storage = browser(['en']);
    const store = TestBed.inject(LanguageStore);
    store.choose('pt');
    TestBed.tick();
    expect(storage.get('acervo-language')).toBe('pt');
    expect(document.cookie).toContain('acervo-language=pt');
    expect(TestBed.inject(DOCUMENT).documentElement.lang).toBe('pt-BR');
    expect(store.messages().send).toBe('Enviar');
  });

  it('follows Accept-Language on the server, and hands the choice to the browser', () => {
    request({ 'Accept-Language': 'fr, pt-BR;q=0.8, en;q=0.5' });
    expect(TestBed.inject(LanguageStore).language()).toBe('pt');
    expect(TestBed.inject(TransferState).get(STATE_KEY, 'en')).toBe('pt');
  });

  it('puts the cookie before Accept-Language on the server', () => {
    request({ 'Accept-Language': 'pt-BR', Cookie: 'acervo-language=es' });
    expect(TestBed.inject(LanguageStore).language()).toBe('es');
  });
});
