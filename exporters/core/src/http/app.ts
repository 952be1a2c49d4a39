import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { BLIND_SPOT } from '../advice/blind-spots';
import type { AdviceBook, AdviceOfTarget } from '../advice/book';
import type { RecommendationsAnswer } from '../api/recommendations';
import type { StatusAnswer } from '../api/status';
import type { TargetsAnswer } from '../api/targets';
import { type Clock, type Deadline, deadlineIn } from '../clock';
import { selfMetrics } from '../collector/self';
import type { Target, TargetView } from '../collector/target';
import { messageOf, SubmilliError } from '../errors';
import type { AnyExporter, State } from '../exporter/exporter';
import { statusOf } from '../exporter/status';
import { emittersOf } from '../metrics/declare';
import { buildFamilies } from '../metrics/families';
import { CONTENT_TYPE, serialise } from '../metrics/serialise';
import { adviceNotes } from './advice-notes';
import type { Authenticate } from './basic-auth';
import { whyNotWrite } from './caller';
import { landingPage } from './landing';
import { createProcessMetrics } from './process-metrics';
import { boundedCrowd, onlyKnownMethods, protectiveHeaders } from './protect';

/** A `GET /api/v1/<path>` of one exporter, answered per target from what was last read. */
export type Resource<F> = {
  readonly path: string;
  readonly answer: (view: TargetView<F>) => unknown;
};

export type AppOptions = {
  readonly definition: AnyExporter;
  readonly version: string;
  readonly clock: Clock;
  readonly book: AdviceBook;
  readonly state: () => State;
  /** Absent when no users are configured. */
  readonly authenticate: Authenticate | undefined;
  readonly reload: () => Promise<void>;
};

const emitSelf = emittersOf(selfMetrics);

export const createApp = (options: AppOptions): Express => {
  const { definition, version, clock, book, state, authenticate, reload } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  const processMetrics = createProcessMetrics();

  app.use(
    protectiveHeaders,
    boundedCrowd(() => mostRequests(state().targets.length)),
  );
  if (authenticate !== undefined) app.use(requireUser(authenticate));
  app.use(onlyKnownMethods);

  const status = (): StatusAnswer => ({
    exporter: definition.name,
    version,
    configLoadedAt: new Date(state().loadedAt).toISOString(),
    lastReloadError: state().reloadError ?? null,
    targets: state().targets.map((target) => statusOf(target, clock)),
  });

  const deadlineOf = (request: Request): Deadline =>
    deadlineIn(
      scrapeTimeoutMs(request.get('x-prometheus-scrape-timeout-seconds'), state().config.timeouts.scrape_ms),
      clock,
    );

  const advice = (): RecommendationsAnswer => {
    const rules = [BLIND_SPOT, ...definition.registry.rules.map(({ name }) => name)];
    return book.answer(state().targets.map((target) => adviceOf(target, rules)));
  };

  app.get('/', (_, response) => {
    response.type('html').send(landingPage(status(), advice(), definition));
  });
  app.get('/metrics', async (request, response) => {
    const target = state().targets[0];
    const scraped = target === undefined ? [] : (await target.scrape(deadlineOf(request))).families;
    const own = serialise([...scraped, ...ownFamilies(definition.name, state(), version)]);
    expose(response, [own, await processMetrics.metrics()]);
  });
  app.get('/probe', async (request, response) => {
    const target = named(state().targets, request.query.target);
    const { families } = await target.scrape(deadlineOf(request));
    expose(response, [serialise([...families, ...ownFamilies(definition.name, state(), version)])]);
  });
  app.get('/-/healthy', (_, response) => {
    response.type('text').send('healthy\n');
  });
  app.get('/-/ready', (_, response) => {
    response.type('text').send('ready\n');
  });
  app.get('/api/v1/status', (_, response) => {
    response.json(status());
  });
  app.get('/api/v1/targets', (request, response) => {
    const host = request.get('host') ?? '';
    response.json(
      state().targets.map((target) => ({
        targets: [host],
        labels: { __metrics_path__: '/probe', __param_target: target.name, target: target.name },
      })) satisfies TargetsAnswer,
    );
  });
  app.get('/api/v1/recommendations', (_, response) => {
    response.json(advice());
  });
  const isLoggedIn = authenticate !== undefined;
  const targets = (): string[] => state().targets.map(({ name }) => name);
  app.use('/api/v1/recommendations', adviceNotes({ book, clock, targets, isLoggedIn }));
  for (const resource of definition.resources) {
    app.get(`/api/v1/${resource.path}`, (request, response) => {
      const { targets } = state();
      const asked = request.query.target;
      const target = asked === undefined && targets[0] !== undefined ? targets[0] : named(targets, asked);
      response.json(resource.answer(target.view()));
    });
  }
  app.post('/-/reload', async (request, response) => {
    const why = whyNotWrite(request, isLoggedIn, 'a reload');
    if (why !== undefined) {
      response.status(403).json({ error: why });
      return;
    }
    await reload();
    response.type('text').send('reloaded\n');
  });
  app.use((request, response) => {
    response.status(404).json({ error: `nothing at ${request.path}; / lists what there is` });
  });
  app.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const known = error instanceof SubmilliError;
    const status = known ? 400 : statusOfHttp(error);
    response.status(status).json({ error: messageOf(error), hint: known ? (error.hint ?? null) : null });
  });
  return app;
};

/** Megabytes of text are made bytes here, in one go: whoever sends a text copies it several times. */
const expose = (response: Response, texts: readonly string[]): void => {
  response.setHeader('Content-Type', CONTENT_TYPE);
  response.end(Buffer.concat(texts.map((text) => Buffer.from(text))));
};

const adviceOf = (target: Target, rules: readonly string[]): AdviceOfTarget => {
  const { advice, problem } = target.view();
  return { target: target.name, advice, reason: problem?.message ?? 'not scraped yet', rules };
};

/** Prometheus' own limit less a margin for the way back, never above ours. Garbage in the header counts as absent. */
export const scrapeTimeoutMs = (header: string | undefined, ownLimitMs: number): number => {
  const seconds = Number(header);
  if (header === undefined || !Number.isFinite(seconds) || seconds <= 0) return ownLimitMs;
  return Math.min(ownLimitMs, Math.max(seconds * 500, seconds * 1000 - 500));
};

const named = <F>(targets: readonly Target<F>[], name: unknown): Target<F> => {
  const target = targets.find((candidate) => candidate.name === name);
  if (target !== undefined) return target;
  throw new SubmilliError({
    what: typeof name === 'string' ? `no target is called "${name.slice(0, 63)}"` : 'say which target: ?target=NAME',
    hint: `Known targets: ${targets.map((candidate) => candidate.name).join(', ') || 'none'}.`,
  });
};

/** With every answer: who scrapes servers by their names asks for nothing else, and wants to know it as well. */
const ownFamilies = (exporter: string, state: State, version: string) =>
  buildFamilies(
    [
      emitSelf.targets({}, state.targets.length),
      emitSelf.buildInfo({ exporter, version, node: process.version }, 1),
      emitSelf.reloadOk({}, state.reloadError === undefined ? 1 : 0),
      emitSelf.reloadAt({}, state.loadedAt / 1000),
    ],
    { seriesPerFamily: 1, legacyMetrics: true },
  ).families;

/** Room for a few Prometheus servers that ask for all targets at a time, and for people. */
const mostRequests = (targets: number): number => 64 + 4 * targets;

const requireUser =
  (authenticate: Authenticate) =>
  async (request: Request, response: Response, next: NextFunction): Promise<void> => {
    const verdict = await authenticate(request.get('authorization'), request.socket.remoteAddress ?? '');
    if (verdict === 'known') {
      next();
      return;
    }
    if (verdict === 'busy') {
      response.set('Retry-After', '1').status(429).json({ error: 'too many passwords at a time: try again' });
      return;
    }
    response.set('WWW-Authenticate', 'Basic realm="submilli"').status(401).json({ error: 'user and password, please' });
  };

/** Whoever reads a request's body says what is wrong with it. */
const statusOfHttp = (error: unknown): number => {
  const { status } = error as { readonly status?: unknown };
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
};
