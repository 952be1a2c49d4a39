import { baseValue } from './units';

describe('a setting’s value in base units', () => {
  it.each([
    ['16384', '8kB', 134_217_728],
    ['4096', 'kB', 4_194_304],
    ['1024', 'MB', 1_073_741_824],
    ['5', 'min', 300],
    ['200', 'ms', 0.2],
    ['0.9', null, 0.9],
    ['on', null, 1],
    ['off', null, 0],
    ['-1', 'MB', -1],
    ['0', 's', 0],
    ['replica', null, null],
    ['', null, null],
    ['7', 'furlongs', null],
  ])('%s %s is %p', (setting, unit, value) => {
    expect(baseValue(setting, unit)).toBe(value);
  });
});
