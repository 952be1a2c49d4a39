import { render } from './template';

describe('a template', () => {
  it('is filled, a number without the quotes around it', () => {
    const text = "ttl: '{{ttl}}'\nname: '{{name}}'\nat: '{{name}}:{{ttl}}'\n";
    expect(render(text, { ttl: 5, name: 'pg1' })).toBe("ttl: 5\nname: 'pg1'\nat: 'pg1:5'\n");
  });

  it('is refused when nobody sets what it wants', () => {
    expect(() => render('a {{b}}', {})).toThrow('{{b}}');
  });
});
