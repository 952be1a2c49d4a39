#!/usr/bin/python3
"""Runs Patroni up to 3.1 with two fixes of later versions, without which acknowledged writes can be lost.

Etcd3._update_leader up to 3.0.2 gets a new lease when the old one has expired, and then puts the leader key without
comparing anything. So a leader that was hung for longer than its lock lives takes the key back from the member that was
promoted meanwhile, and what that one has acknowledged is rewound. Fixed in 3.0.3: commit 1c7bf2f (#2693).

Postgresql.__init__ up to 3.1 writes postgresql.conf anew when it finds a server running, without the
synchronous_standby_names that it has. So when Patroni is started again beside a primary that has been replaced, the
commits which wait there for a standby that left are acknowledged, and then rewound. Fixed in 3.2.0: commit 4c1c804 (#2876).

Any other version is run as it is. docs/drills.md has both, measured with and without.
"""
import sys
import time

LEADER_KEY_FIXED_IN = (3, 0, 3)
JOINING_FIXED_IN = (3, 2, 0)


def update_leader(self):
    """True if the key is ours, under a living lease."""
    from patroni.dcs import Leader
    from patroni.dcs.etcd3 import Etcd3Error, base64_encode

    retry = self._retry.copy()

    def retrying(*args, **kwargs):
        kwargs['retry'] = retry
        return retry(*args, **kwargs)

    def put_if(**condition):
        retry.deadline = retry.stoptime - time.time()
        if retry.deadline < 1:
            raise Etcd3Error('update_leader timeout')
        key = base64_encode(self.leader_path)
        put = {'request_put': {'key': key, 'value': base64_encode(self._name), 'lease': self._lease}}
        return self._run_and_handle_exceptions(self._client.txn, dict(condition, key=key), put, retry=retrying)

    self._run_and_handle_exceptions(self._do_refresh_lease, True, retry=retrying)
    leader = self.cluster and self.cluster.leader
    if self._lease and isinstance(leader, Leader) and leader.session == self._lease:
        return True
    # The lease is new. The key may have it if our name is still in it, or if nobody has the key.
    return bool(
        self._lease
        and (put_if(target='VALUE', value=base64_encode(self._name)) or put_if(target='CREATE', create_revision=0))
    )


def compare_leader_key():
    from patroni.dcs import catch_return_false_exception
    from patroni.dcs.etcd3 import Etcd3

    Etcd3._update_leader = catch_return_false_exception(update_leader)


def keep_standby_names_when_joining():
    from patroni.exceptions import PostgresConnectionException
    from patroni.postgresql import Postgresql
    from patroni.postgresql.config import ConfigHandler

    own_init = Postgresql.__init__
    own_write = ConfigHandler.write_postgresql_conf

    def write_with_names(self, configuration=None):
        try:
            names = self._postgresql.synchronous_standby_names()
        except PostgresConnectionException:
            return  # who can't say what it has keeps what it has
        if names:
            self._synchronous_standby_names = self._server_parameters['synchronous_standby_names'] = names
        own_write(self, configuration)

    def init(self, config):
        ConfigHandler.write_postgresql_conf = write_with_names
        try:
            own_init(self, config)
        finally:
            ConfigHandler.write_postgresql_conf = own_write

    Postgresql.__init__ = init


def show_tag():
    """Whoever reads GET /patroni or `patronictl list` can see that this member runs with the fixes."""
    from patroni.__main__ import Patroni

    own_tags = Patroni.get_tags
    Patroni.get_tags = lambda self: dict(own_tags(self), lossless=True)


def main():
    from patroni.__main__ import main as patroni
    from patroni.version import __version__

    version = tuple(int(part) for part in __version__.split('.')[:3])
    if version < LEADER_KEY_FIXED_IN:
        compare_leader_key()
    if version < JOINING_FIXED_IN:
        keep_standby_names_when_joining()
        show_tag()
    patroni()


# PostgreSQL is started through multiprocessing, which reads this file again.
if __name__ == '__main__':
    sys.exit(main())
