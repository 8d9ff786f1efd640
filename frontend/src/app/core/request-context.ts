/** What the client's server tells the application about the request that it renders. */
export interface RequestContext {
  /** The origin at which the browser finds the API. */
  readonly api: string;
}
