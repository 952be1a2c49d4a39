import { plot, type PlotEvent } from '../../page/plot';
import { amount } from '../words';
import type { SoakReport } from './schema';

const inks = ['calm', 'violet', 'bad', 'soft'] as const;

const titles: Readonly<Record<string, { readonly label: string; readonly measures: readonly string[] }>> = {
  memory: { label: 'Resident memory and heap over time', measures: ['memory', 'heap'] },
  descriptors: { label: 'Open descriptors over time', measures: ['descriptors'] },
  sessions: { label: 'Sessions of ours on the servers and the pool over time', measures: ['sessions'] },
};
export const pictureNames = Object.keys(titles);

/** Faults are marked from their beginning until all is shown again. */
const eventsOf = ({ faults, seconds }: SoakReport): PlotEvent[] =>
  faults.map(({ kind, what, at, wellAt }) => ({
    ...{ from: at, to: wellAt ?? seconds, title: what },
    ink: kind.startsWith('exporters-') ? 'violet' : wellAt === null ? 'bad' : 'amber',
  }));

export const picture = (name: string, report: SoakReport): string => {
  const { label, measures } = titles[name] ?? { label: name, measures: [name] };
  const lines = report.lines.filter(({ measure }) => measures.includes(measure));
  const unit = lines[0]?.unit ?? 'count';
  const short = (of: string): string => of.replace('exporter-', '').replace('exporters', '');
  return plot({
    ...{ label, from: 0, to: report.seconds, step: lines[0]?.step ?? 1, scale: 'linear' },
    ...{ format: (value) => amount(value, unit), ticks: ticksOf(report.seconds) },
    ...(unit === 'bytes' ? { unit: 1024 * 1024 } : {}),
    lines: lines.map(({ measure, of, points }, i) => ({
      name: measures.length === 1 ? (short(of) === '' ? measure : short(of)) : `${short(of)} ${measure}`.trim(),
      ...{ ink: inks[i % inks.length] ?? 'soft', points },
    })),
    events: eventsOf(report),
  });
};

const ticksOf = (seconds: number): { at: number; text: string }[] => {
  const step = [60, 120, 300, 600, 1200].find((each) => seconds / each <= 12) ?? 3600;
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, i) => ({
    ...{ at: i * step, text: i === 0 ? '0 min' : String((i * step) / 60) },
  }));
};
