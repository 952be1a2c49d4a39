import '@testing-library/jest-dom';
import { initPluginTranslations } from '@grafana/i18n';
import { configure } from '@testing-library/react';
import { TextDecoder, TextEncoder } from 'node:util';
import { MessageChannel } from 'node:worker_threads';

// What browsers have and jsdom has not.
Object.assign(globalThis, { TextEncoder, TextDecoder, MessageChannel });
const nothing = (): undefined => undefined;
class NoObserver {
  readonly observe = nothing;
  readonly unobserve = nothing;
  readonly disconnect = nothing;
}
globalThis.ResizeObserver ??= NoObserver;
globalThis.IntersectionObserver ??= NoObserver as unknown as typeof IntersectionObserver;
globalThis.matchMedia ??= ((media: string) => ({
  ...{ media, matches: false, onchange: null, dispatchEvent: () => false },
  ...{ addListener: () => undefined, removeListener: () => undefined },
  ...{ addEventListener: () => undefined, removeEventListener: () => undefined },
})) as typeof matchMedia;
HTMLCanvasElement.prototype.getContext = (() => ({
  measureText: (text: string) => ({ width: text.length * 8 }),
})) as unknown as HTMLCanvasElement['getContext'];

// How long something takes to appear says what else the machine does, not whether it appears.
configure({ asyncUtilTimeout: 20_000 });

beforeAll(() => initPluginTranslations('submilli-postgresql-app'));
