import { z } from 'zod';

/** `GET /api/v1/cluster`: members as Patroni and the primary see them. Bytes and seconds; null is "not known". */
export const clusterAnswerSchema = z.object({
  primary: z.string().nullable(),
  paused: z.boolean().nullable(),
  members: z.array(
    z.object({
      name: z.string(),
      up: z.boolean(),
      role: z.string().nullable(),
      state: z.string().nullable(),
      timeline: z.number().nullable(),
      replayLagBytes: z.number().nullable(),
      replayLagSeconds: z.number().nullable(),
    }),
  ),
  failovers: z.array(z.object({ timeline: z.number(), at: z.iso.datetime().nullable(), reason: z.string() })),
});

export type ClusterAnswer = z.infer<typeof clusterAnswerSchema>;
