import {
  inject,
  InjectionToken,
  makeStateKey,
  REQUEST_CONTEXT,
  TransferState,
} from '@angular/core';
import type { RequestContext } from './request-context';

const API_KEY = makeStateKey<string>('api');

/** Where the API listens unless the client's server was told otherwise. */
const DEFAULT_API = 'http://localhost:8000';

/** The API's origin: known to the client's server when it runs, and handed to the browser with the page. */
export const API_ADDRESS = new InjectionToken<string>('the address of the API', {
  factory: () => {
    const state = inject(TransferState);
    const context = inject(REQUEST_CONTEXT, { optional: true }) as RequestContext | null;
    if (context) state.set(API_KEY, context.api);
    return state.get(API_KEY, DEFAULT_API);
  },
});
