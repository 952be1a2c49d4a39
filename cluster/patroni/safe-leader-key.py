#!/usr/bin/python3
"""Runs Patroni up to 3.0.2 with the fix that 3.0.3 has for etcd v3: the leader key is renewed only by who still holds it.

Etcd3._update_leader of those versions gets a new lease when the old one has expired, and then puts the leader key without
comparing anything. So a leader that was hung or cut off for longer than its lock lives takes the key back from the member
that was promoted meanwhile, and what that one has acknowledged is rewound: docs/failover.md. Any other version is run as
it is.
"""
import sys
import time

FIXED_IN = (3, 0, 3)


def update_leader(self):
    """True if the key is ours, under a living lease: what upstream does since commit 1c7bf2f (#2693)."""
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


def apply_fix():
    from patroni.__main__ import Patroni
    from patroni.dcs import catch_return_false_exception
    from patroni.dcs.etcd3 import Etcd3

    Etcd3._update_leader = catch_return_false_exception(update_leader)
    own_tags = Patroni.get_tags
    # Whoever reads GET /patroni or `patronictl list` can see that this member runs with it.
    Patroni.get_tags = lambda self: dict(own_tags(self), safe_leader_key=True)


def main():
    from patroni.__main__ import main as patroni
    from patroni.version import __version__

    if tuple(int(part) for part in __version__.split('.')[:3]) < FIXED_IN:
        apply_fix()
    patroni()


# PostgreSQL is started through multiprocessing, which reads this file again.
if __name__ == '__main__':
    sys.exit(main())
