import { sizeOf } from './sizes';

describe('a size', () => {
  it.each([
    [512, '512 B'],
    [1024, '1 KiB'],
    [50 * 1024 ** 2, '50 MiB'],
    [1.5 * 1024 ** 3, '1.5 GiB'],
    [2048 * 1024 ** 4, '2048 TiB'],
  ])('of %d bytes is written as %s', (bytes, written) => {
    expect(sizeOf(bytes)).toBe(written);
  });
});
