import type { Interval } from '../verdict/outage';

export type Role = 'primary' | 'standby' | 'silent' | 'down';

/** What one look at a member said. In milliseconds since the run began. */
export type Sighting = {
  readonly at: number;
  readonly member: string;
  readonly role: Role;
  readonly timeline: number | null;
};

export type Segment = Interval & { readonly role: Role; readonly timeline: number | null };

/** Looks in a row that said the same are one segment, which lasts until a look says otherwise, or until `end`. */
export const segmentsOf = (sightings: readonly Sighting[], member: string, end: number): Segment[] => {
  const segments: { from: number; to: number; role: Role; timeline: number | null }[] = [];
  for (const { at, role, timeline } of sightings.filter((sighting) => sighting.member === member)) {
    const last = segments.at(-1);
    if (last !== undefined) last.to = at;
    if (last?.role !== role || last.timeline !== timeline) segments.push({ from: at, to: at, role, timeline });
  }
  const last = segments.at(-1);
  if (last !== undefined) last.to = Math.max(end, last.to);
  return segments;
};

/** When two members were out of recovery by their own account. */
export const twoPrimariesIn = (
  members: readonly { readonly name: string; readonly segments: readonly Segment[] }[],
): (Interval & { readonly members: string[] })[] =>
  members
    .flatMap((a, i) =>
      members.slice(i + 1).flatMap((b) =>
        primaries(a.segments).flatMap((one) =>
          primaries(b.segments).flatMap((other) => {
            const from = Math.max(one.from, other.from);
            const to = Math.min(one.to, other.to);
            return from < to ? [{ from, to, members: [a.name, b.name].sort() }] : [];
          }),
        ),
      ),
    )
    .sort((a, b) => a.from - b.from);

const primaries = (segments: readonly Segment[]): Segment[] => segments.filter(({ role }) => role === 'primary');
