import { z } from 'zod';

/** `GET /api/v1/targets`: Prometheus HTTP service discovery (https://prometheus.io/docs/prometheus/latest/http_sd/). */
export const targetsAnswer = z.array(
  z.object({ targets: z.array(z.string()), labels: z.record(z.string(), z.string()) }),
);

export type TargetsAnswer = z.infer<typeof targetsAnswer>;
