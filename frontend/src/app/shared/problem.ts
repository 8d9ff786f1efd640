import { ChangeDetectionStrategy, Component, input, output } from '@angular/core';
import { Icon } from './icon';

/** Something went wrong: what, and the button that tries again. */
@Component({
  selector: 'acervo-problem',
  imports: [Icon],
  template: `
    <div class="problem" role="alert" data-testid="error">
      <p>{{ message() }}</p>
      <button type="button" data-testid="retry" (click)="retried.emit()">
        <acervo-icon name="retry" />{{ retry() }}
      </button>
    </div>
  `,
  styles: `
    .problem {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      justify-content: space-between;
      gap: 0.6rem 1rem;
      padding: 0.75rem 0.9rem;
      border: 1px solid var(--danger-line);
      border-radius: var(--radius);
      background: var(--danger-soft);
      color: var(--danger-ink);
      font-size: 0.94rem;
    }

    p {
      flex: 1 1 16rem;
      margin: 0;
      overflow-wrap: anywhere;
    }

    button {
      border-color: currentcolor;
      background: transparent;
      color: inherit;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Problem {
  readonly message = input.required<string>();
  /** What the button says. */
  readonly retry = input.required<string>();

  readonly retried = output();
}
