import type { Source } from '../app/core/wire';

/** A passage on page 12 of a manual, as the client holds it. */
export function aSource(changes: Partial<Source> = {}): Source {
  return {
    n: 1,
    document: { id: 'd1', name: 'Manual.pdf', mediaType: 'application/pdf', pages: 47 },
    page: 12,
    lastPage: 12,
    section: ['Começar', 'Adicionar'],
    text: 'Para adicionar documentos, use o terminal.',
    markdown: '**Para adicionar** documentos, use o terminal.',
    boxes: [{ page: 12, x0: 72, y0: 400, x1: 520, y1: 440 }],
    relevance: 0.83,
    image: '/documents/d1/pages/12.png?chunk=d1%3A1%3A7',
    ...changes,
  };
}

/** The same passage as the API sends it. */
export function aWireSource(changes: object = {}): object {
  return {
    n: 1,
    document: { id: 'd1', name: 'Manual.pdf', media_type: 'application/pdf', pages: 47 },
    page: 12,
    last_page: 12,
    section: ['Começar', 'Adicionar'],
    text: 'Para adicionar documentos, use o terminal.',
    markdown: '**Para adicionar** documentos, use o terminal.',
    boxes: [{ page: 12, x0: 72, y0: 400, x1: 520, y1: 440 }],
    relevance: 0.83,
    image: '/documents/d1/pages/12.png?chunk=d1%3A1%3A7',
    ...changes,
  };
}
