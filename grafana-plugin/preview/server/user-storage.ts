/** Grafana's storage per user and service, in memory: it is gone with the preview. */
export type UserStorage = {
  readonly handle: (method: string, name: string, body: unknown) => { readonly status: number; readonly body: object };
};

type Spec = { readonly data: Readonly<Record<string, string | null>> };
type Body = { readonly metadata?: { readonly name?: string }; readonly spec?: Spec };

export const createUserStorage = (): UserStorage => {
  const specs = new Map<string, Spec>();
  return {
    handle: (method, name, body) => {
      const { metadata, spec } = (body ?? {}) as Body;
      const key = method === 'POST' ? (metadata?.name ?? '') : name;
      const before = specs.get(key);
      if (method === 'GET') return before === undefined ? missing : { status: 200, body: { spec: before } };
      if (spec === undefined) return { status: 400, body: { message: 'there is no spec' } };
      if (method === 'PATCH' && before === undefined) return missing;
      const data = { ...before?.data, ...spec.data };
      const kept = Object.fromEntries(Object.entries(data).filter(([, value]) => value !== null));
      specs.set(key, { data: kept });
      return { status: 200, body: { spec: { data: kept } } };
    },
  };
};

const missing = { status: 404, body: { message: 'not found' } };
