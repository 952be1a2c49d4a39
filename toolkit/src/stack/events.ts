import type { ServiceRecord } from './state';

/** One row of the status: the record, what a look at the service said just now, and whether that was good. */
export type ServiceStatus = ServiceRecord & {
  readonly healthy: boolean;
  /** "primary", or why it isn't healthy. */
  readonly note: string | null;
};

export type StackStatus = {
  readonly kind: 'debian' | 'embedded';
  readonly phase: 'starting' | 'up' | 'stopping' | 'down';
  readonly since: string;
  readonly services: readonly ServiceStatus[];
  readonly next: readonly string[];
  readonly notes: readonly string[];
};

/** What a supervisor reports while it works; plain data, because a detached one sends it to the foreground command. */
export type StackEvent =
  | { readonly kind: 'begin'; readonly index: number; readonly total: number; readonly title: string }
  | { readonly kind: 'say'; readonly detail: string }
  | { readonly kind: 'done'; readonly detail?: string | undefined }
  | { readonly kind: 'failed'; readonly message: string; readonly hint?: string | undefined }
  | { readonly kind: 'up'; readonly status: StackStatus }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'down' };

export type Emit = (event: StackEvent) => void;
