import { parseFound, quoted } from './ssh';

describe('what a machine over ssh answers', () => {
  it('is read path by path, whatever the bytes of a file are', () => {
    const bytes = Buffer.from([0, 255, 10, 110, 111, 110, 101, 10]); // "none" on a line of its own, among others
    const answer = Buffer.concat([
      Buffer.from('file 640 26 27 8\n'),
      bytes,
      Buffer.from('folder 0 5\nnone\nfile 600 0 0 0\n'),
    ]);
    const found = parseFound(['/a', '/b', '/c', '/d'], answer);
    expect(found.get('/a')).toEqual({ file: { content: bytes, mode: 0o640, uid: 26, gid: 27 } });
    expect(found.get('/b')).toEqual({ file: undefined, folder: { uid: 0, gid: 5 } });
    expect(found.get('/c')).toEqual({ file: undefined, folder: undefined });
    expect(found.get('/d')).toEqual({ file: { content: Buffer.alloc(0), mode: 0o600, uid: 0, gid: 0 } });
  });

  it('is refused when it is none', () => {
    expect(() => parseFound(['/a'], Buffer.from('Welcome!\n'))).toThrow('/a');
  });

  it('can’t be confused by a path', () => {
    expect(quoted("it's $(here)")).toBe(`'it'\\''s $(here)'`);
  });
});
