import { chooseShown, defineDerived, gauge, OTHER } from '@submilli/core';
import { type ClientGroup, clients } from '../collectors/clients';

export type Applications = { readonly shown: ReadonlySet<string>; readonly groups: readonly ClientGroup[] };

/** Groups with the applications that are not shown summed up under `other`. */
export const boundApplications = (groups: readonly ClientGroup[], shown: ReadonlySet<string>): ClientGroup[] => {
  const bounded = new Map<string, ClientGroup>();
  for (const group of groups) {
    const application = shown.has(group.application) ? group.application : OTHER;
    const key = [group.database, group.user, application, group.state].join('\0');
    const sum = bounded.get(key) ?? { ...group, application, count: 0 };
    sum.count += group.count;
    bounded.set(key, sum);
  }
  return [...bounded.values()];
};

/** A client chooses its application_name freely, so that only the most used ones become labels. */
export const applications = defineDerived({
  name: 'applications',
  source: 'SHOW CLIENTS',
  metrics: {
    clients: gauge(
      'db_pool_clients',
      'Client connections by application and state; beyond limits.applications they are summed up under "other". Before 1.25 active includes idle.',
      ['database', 'user', 'application_name', 'state'],
    ),
  },
  derive: (snapshots, { config }, before: Applications | undefined): Applications => {
    const groups = snapshots.of(clients)?.groups ?? [];
    const sizes = new Map<string, number>();
    for (const { application, count } of groups) sizes.set(application, (sizes.get(application) ?? 0) + count);
    const shown = chooseShown(sizes, before?.shown ?? new Set(), config.limits.applications);
    return { shown, groups: boundApplications(groups, shown) };
  },
  publish: ({ groups }: Applications, m) =>
    groups.map(({ database, user, application, state, count }) =>
      m.clients({ database, user, application_name: application, state }, count),
    ),
});
