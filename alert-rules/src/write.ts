import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generated } from './generated';
import { alerts } from './groups';
import { runbookText } from './runbook';

const room = join(__dirname, '..');

const write = (name: string, text: (before?: string) => string): void => {
  const path = join(room, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text(existsSync(path) ? readFileSync(path, 'utf8') : undefined));
};

for (const [name, text] of generated()) write(name, () => text);
for (const alert of alerts) write(`runbooks/${alert.name}.md`, (before) => runbookText(alert, before));
