import { ChangeDetectionStrategy, Component, computed, input, output } from '@angular/core';
import type { Messages } from '../core/messages';
import type { Model } from '../core/wire';

/** Says which model answers, and lets the person choose where there are several. */
@Component({
  selector: 'acervo-model-line',
  template: `
    @if (models().length > 1) {
      <label>
        <span>{{ messages().model }}</span>
        <select data-testid="model" (change)="choose($event)">
          <option value="" [selected]="chosen() === null">
            {{ messages().modelAutomatic(automaticName()) }}
          </option>
          @for (model of models(); track model.name) {
            <option [value]="model.name" [selected]="model.name === chosen()">
              {{ nameOf(model) }}
            </option>
          }
        </select>
      </label>
    } @else if (automatic()) {
      <span data-testid="model">{{ messages().modelAnswering(automaticName()) }}</span>
    }
  `,
  styles: `
    label {
      display: inline-flex;
      align-items: center;
      gap: 0.25rem;
      max-inline-size: 100%;
    }

    select {
      min-inline-size: 0;
      max-inline-size: 16rem;
      min-block-size: 1.75rem;
      border: 0;
      border-radius: var(--radius-small);
      background: transparent;
      color: var(--ink);
      font: inherit;
      text-overflow: ellipsis;
      cursor: pointer;
    }

    select:hover {
      background: var(--surface-sunken);
    }

    option {
      background: var(--surface);
      color: var(--ink);
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ModelLine {
  readonly messages = input.required<Messages>();
  /** The models that can answer now, in the order in which they are tried. */
  readonly models = input.required<readonly Model[]>();
  /** The name of the model that answers when none is chosen; null until it is known. */
  readonly automatic = input.required<string | null>();
  readonly chosen = input.required<string | null>();

  readonly choice = output<string | null>();

  protected readonly automaticName = computed(() => {
    const name = this.automatic() ?? '';
    const model = this.models().find((one) => one.name === name);
    return model ? this.nameOf(model) : name;
  });

  protected nameOf(model: Model): string {
    return model.kind === 'extractive' ? this.messages().modelExtractive : model.name;
  }

  protected choose(event: Event): void {
    this.choice.emit((event.target as HTMLSelectElement).value || null);
  }
}
