import type { PostgresFacts, ServerRoom, Share, Snapshots } from '@submilli/core';
import { activity } from './collectors/activity';

/** How many sessions a server can have; the pool exporter cannot ask it, and must not advise a pool it would refuse. */
export const roomOf = (snapshots: Snapshots, host: string, port: number): readonly ServerRoom[] => {
  const limit = snapshots.of(activity)?.[0]?.server_limit;
  return limit === undefined ? [] : [{ kind: 'server-room', host, port, limit }];
};

export const shareRoom: Share<PostgresFacts> = ({ snapshots }, { target, config }) => {
  const server = config.postgres.find(({ name }) => name === target);
  return server === undefined ? [] : roomOf(snapshots, server.host, server.port);
};
