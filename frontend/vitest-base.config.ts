import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Angular bundles a spec with what only it imports, and the cache looks at the spec alone: a change in the
    // source would be tested as it was before.
    fsModuleCache: false,
  },
});
