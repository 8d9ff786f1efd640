/**
 * Why a question or a list did not come. The tree is flat: what differs is what the person can do.
 *
 * - `unreachable`: nothing answered at the API's address.
 * - `interrupted`: an answer began and broke off.
 * - `refused`: the server said no, with a sentence of its own in `message`.
 * - `unexpected`: something answered that is not this API; `status` is its HTTP status.
 */
export type Failure =
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'refused'; readonly message: string; readonly code: string }
  | { readonly kind: 'unexpected'; readonly status: number };

export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly failure: Failure,
    options?: ErrorOptions,
  ) {
    super(failure.kind === 'refused' ? failure.message : failure.kind, options);
  }
}

/** The failure in anything thrown while talking to the API. */
export function failureOf(error: unknown): Failure {
  if (error instanceof ApiError) return error.failure;
  console.error(error);
  return { kind: 'interrupted' };
}
