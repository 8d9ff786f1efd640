import {
  afterNextRender,
  computed,
  DOCUMENT,
  effect,
  inject,
  Injectable,
  makeStateKey,
  REQUEST,
  signal,
  TransferState,
} from '@angular/core';
import { LOCAL_STORAGE, WINDOW } from './browser';
import {
  acceptedLanguages,
  chooseLanguage,
  isLanguage,
  type Language,
  LANGUAGE_KEY,
  LANGUAGE_TAGS,
  languageInCookies,
} from './language';
import { MESSAGES } from './messages';

const STATE_KEY = makeStateKey<Language>('language');

/** A year: the choice is the person's until they change it. */
const COOKIE_SECONDS = 31_536_000;

/** The language of the page, and its sentences. */
@Injectable({ providedIn: 'root' })
export class LanguageStore {
  private readonly document = inject(DOCUMENT);
  private readonly window = inject(WINDOW);
  private readonly storage = inject(LOCAL_STORAGE);
  private readonly state = inject(TransferState);
  private readonly request = inject(REQUEST, { optional: true });

  private readonly chosen = signal(this.first());

  readonly language = this.chosen.asReadonly();
  readonly tag = computed(() => LANGUAGE_TAGS[this.chosen()]);
  readonly messages = computed(() => MESSAGES[this.chosen()]);

  constructor() {
    this.document.documentElement.lang = this.tag();
    effect(() => {
      this.document.documentElement.lang = this.tag();
    });
    // The page first shows what the server rendered; a choice that the cookie lost comes back after that.
    afterNextRender(() => {
      const kept = this.kept();
      if (kept && kept !== this.chosen()) this.choose(kept);
    });
  }

  /** Switches the page's language, and keeps the choice for this browser and for the server that renders. */
  choose(language: Language): void {
    this.chosen.set(language);
    try {
      this.storage?.setItem(LANGUAGE_KEY, language);
    } catch {
      // A full or forbidden storage loses the choice for the next visit, not for this one.
    }
    if (this.window) {
      this.document.cookie = `${LANGUAGE_KEY}=${language}; Path=/; Max-Age=${COOKIE_SECONDS}; SameSite=Lax`;
    }
  }

  private first(): Language {
    if (this.request) {
      const { headers } = this.request;
      const language =
        languageInCookies(headers.get('Cookie') ?? '') ??
        chooseLanguage(acceptedLanguages(headers.get('Accept-Language') ?? ''));
      this.state.set(STATE_KEY, language);
      return language;
    }
    const rendered = this.state.get<Language | null>(STATE_KEY, null);
    return rendered ?? this.kept() ?? chooseLanguage(this.window?.navigator.languages ?? []);
  }

  private kept(): Language | null {
    const value = this.storage?.getItem(LANGUAGE_KEY);
    return isLanguage(value) ? value : null;
  }
}
