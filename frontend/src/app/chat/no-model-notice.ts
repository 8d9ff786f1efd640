import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import type { Messages } from '../core/messages';
import type { Model } from '../core/wire';
import { Icon } from '../shared/icon';
import { Markdown } from '../shared/markdown/markdown';

/** Says that answers are quotations because there is no language model, and how to get one. */
@Component({
  selector: 'acervo-no-model-notice',
  imports: [Icon, Markdown],
  template: `
    <details data-testid="no-model" [class.folded]="folded()" [open]="!folded()">
      <summary><acervo-icon name="quote" />{{ messages().extractiveTitle }}</summary>
      <p>{{ messages().extractiveText }}</p>
      <ol>
        <li>
          <a href="https://ollama.com/download" target="_blank" rel="noopener noreferrer">{{
            messages().extractiveInstall
          }}</a>
        </li>
        <li><code>ollama pull llama3</code></li>
      </ol>
      <p>{{ messages().extractiveAfter }}</p>
      @if (missing().length > 0) {
        <p class="tried">{{ messages().extractiveWhy }}</p>
        <ul>
          @for (model of missing(); track model.name) {
            <li><acervo-markdown [text]="model.reason" /></li>
          }
        </ul>
      }
    </details>
  `,
  styleUrl: './no-model-notice.css',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class NoModelNotice {
  readonly messages = input.required<Messages>();
  readonly models = input.required<readonly Model[]>();
  /** A line to open for more, where the person has read it before. */
  readonly folded = input(false);

  protected readonly missing = computed(() =>
    this.models().filter(({ available, reason }) => !available && reason !== ''),
  );
}
