import { ChangeDetectionStrategy, Component, inject } from '@angular/core';
import { isLanguage, LANGUAGE_NAMES, LANGUAGE_TAGS, LANGUAGES } from '../core/language';
import { LanguageStore } from '../core/language-store';
import { Icon } from './icon';

/** Lets the person choose the language of the page. */
@Component({
  selector: 'acervo-language-switch',
  imports: [Icon],
  template: `
    <label>
      <acervo-icon name="globe" />
      <span class="visually-hidden">{{ store.messages().languageLabel }}</span>
      <select data-testid="language" (change)="choose($event)">
        @for (language of languages; track language) {
          <option
            [value]="language"
            [attr.lang]="tags[language]"
            [attr.selected]="language === store.language() ? '' : null"
            [selected]="language === store.language()"
          >
            {{ names[language] }}
          </option>
        }
      </select>
    </label>
  `,
  styles: `
    label {
      display: inline-flex;
      align-items: center;
      gap: 0.35rem;
      padding-inline-start: 0.6rem;
      border-radius: var(--radius);
      color: var(--ink-soft);
    }

    label:hover {
      background: var(--surface-sunken);
      color: var(--ink);
    }

    select {
      block-size: 2.5rem;
      padding-inline: 0.1rem 0.4rem;
      border: 0;
      border-radius: var(--radius);
      background: transparent;
      color: inherit;
      font: inherit;
      font-size: 0.925rem;
      cursor: pointer;
    }

    @media (max-width: 28rem) {
      acervo-icon {
        display: none;
      }
    }

    option {
      background: var(--surface);
      color: var(--ink);
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class LanguageSwitch {
  protected readonly store = inject(LanguageStore);

  protected readonly languages = LANGUAGES;
  protected readonly names = LANGUAGE_NAMES;
  protected readonly tags = LANGUAGE_TAGS;

  protected choose(event: Event): void {
    const { value } = event.target as HTMLSelectElement;
    if (isLanguage(value)) this.store.choose(value);
  }
}
