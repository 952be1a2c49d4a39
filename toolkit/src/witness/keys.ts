/** Where things are in etcd: Patroni's keys of one cluster, and the witnesses' own. */
export type Keys = ReturnType<typeof keysOf>;

export const keysOf = ({ namespace, scope, prefix }: { namespace: string; scope: string; prefix: string }) => {
  const cluster = `${namespace}${scope}/`;
  const own = `${prefix}${scope}/`;
  return {
    leader: `${cluster}leader`,
    config: `${cluster}config`,
    sync: `${cluster}sync`,
    failover: `${cluster}failover`,
    status: `${cluster}status`,
    /** Each with the name of a member behind it. */
    members: `${cluster}members/`,
    /** Each with the name of a witness behind it. */
    votes: `${own}votes/`,
    /** There for a while after a removal: until it is gone, nothing is removed again. */
    removed: `${own}removed`,
  };
};
