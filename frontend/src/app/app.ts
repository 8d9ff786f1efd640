import { ChangeDetectionStrategy, Component, inject, signal } from '@angular/core';
import { ChatPage } from './chat/chat-page';
import { LanguageStore } from './core/language-store';
import { LibraryDrawer } from './library/library-drawer';
import { LibraryStore } from './library/library-store';
import { Icon } from './shared/icon';
import { LanguageSwitch } from './shared/language-switch';

/** The frame of the page: what stays in view whatever the person does. */
@Component({
  selector: 'acervo-root',
  imports: [ChatPage, Icon, LanguageSwitch, LibraryDrawer],
  templateUrl: './app.html',
  styleUrl: './app.css',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class App {
  protected readonly messages = inject(LanguageStore).messages;
  protected readonly library = inject(LibraryStore);

  protected readonly libraryOpen = signal(false);

  protected openLibrary(): void {
    this.library.reload();
    this.libraryOpen.set(true);
  }
}
