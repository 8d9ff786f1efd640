/** Markdown as the client shows it. There is no node for raw HTML or pictures, so neither can appear. */

export type InlineNode =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'break' }
  | { readonly kind: 'strong' | 'emphasis' | 'deleted'; readonly children: readonly InlineNode[] }
  | { readonly kind: 'link'; readonly href: string; readonly children: readonly InlineNode[] }
  | { readonly kind: 'citation'; readonly n: number };

export type BlockNode =
  | { readonly kind: 'paragraph' | 'line'; readonly children: readonly InlineNode[] }
  | {
      readonly kind: 'heading';
      /** 1..6 */
      readonly level: number;
      readonly children: readonly InlineNode[];
    }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'quote'; readonly blocks: readonly BlockNode[] }
  | {
      readonly kind: 'list';
      readonly ordered: boolean;
      readonly start: number;
      readonly items: readonly (readonly BlockNode[])[];
    }
  | {
      readonly kind: 'table';
      readonly header: readonly (readonly InlineNode[])[];
      readonly rows: readonly (readonly (readonly InlineNode[])[])[];
    }
  | { readonly kind: 'rule' };
