/** FUZZ_RUNS multiplies the runs of each property that takes its number from here. */
const times = Number(process.env.FUZZ_RUNS ?? 1);

jest.setTimeout(times > 1 ? 24 * 3600 * 1000 : 60_000);

/** How often fast-check tries a property: `usual` in a test run, a multiple of it when somebody fuzzes. */
export const runs = (usual: number): { readonly numRuns: number } => ({ numRuns: Math.ceil(usual * times) });
