import { ChangeDetectionStrategy, Component, input } from '@angular/core';
import type { Messages } from '../core/messages';

/** How the first documents come into an empty collection. */
@Component({
  selector: 'acervo-seed-hint',
  template: `
    <div class="hint">
      <p>
        <strong>{{ messages().documentsEmpty }}.</strong> {{ messages().documentsSeed }}
      </p>
      <pre tabindex="0"><code>scripts/seed report.pdf notes/ https://example.org/page</code></pre>
    </div>
  `,
  styles: `
    .hint {
      padding: 1rem;
      border: 1px solid var(--line);
      border-radius: var(--radius);
      background: var(--surface-raised);
    }

    p {
      margin: 0 0 0.6rem;
    }

    pre {
      overflow-x: auto;
      margin: 0;
      padding: 0.6rem 0.8rem;
      border-radius: var(--radius-small);
      background: var(--surface-sunken);
      font: 0.875rem/1.5 var(--font-code);
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class SeedHint {
  readonly messages = input.required<Messages>();
}
