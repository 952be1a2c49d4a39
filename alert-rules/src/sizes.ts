const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** A threshold in bytes as a person reads it: "50 MiB". */
export const sizeOf = (bytes: number): string => {
  const power = Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${bytes / 1024 ** power} ${units[power]}`;
};
