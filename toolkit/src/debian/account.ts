import { SubmilliError } from '@submilli/core';
import { type Account, serverAccount } from '@submilli/local-postgres';

/** Who runs the services: ourselves, unless we are root; then `postgres`, which Debian's packages make. */
export const servicesAccount = (): Account | undefined => {
  const account = serverAccount();
  if (process.getuid?.() !== 0 || account?.name === 'postgres') return account;
  throw new SubmilliError({
    what: 'there is no user postgres to run PostgreSQL as',
    hint: 'Install the package postgresql-common, or start as an ordinary user.',
  });
};
