import { ChangeDetectionStrategy, Component, input, output } from '@angular/core';
import type { Messages } from '../core/messages';
import { SeedHint } from '../shared/seed-hint';

/** What stands where answers will be: what Acervo does, and questions to begin with. */
@Component({
  selector: 'acervo-welcome',
  imports: [SeedHint],
  template: `
    <section>
      <h2>{{ messages().welcomeTitle }}</h2>
      <p class="lead">{{ messages().welcomeText }}</p>
      @if (empty()) {
        <acervo-seed-hint [messages]="messages()" />
      } @else {
        <ul [attr.aria-label]="messages().suggestionsLabel">
          @for (suggestion of messages().suggestions; track suggestion) {
            <li>
              <button type="button" data-testid="suggestion" (click)="suggested.emit(suggestion)">
                {{ suggestion }}
              </button>
            </li>
          }
        </ul>
      }
    </section>
  `,
  styleUrl: './welcome.css',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Welcome {
  readonly messages = input.required<Messages>();
  /** Whether there is nothing to ask yet. */
  readonly empty = input.required<boolean>();

  readonly suggested = output<string>();
}
