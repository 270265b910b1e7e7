#!/usr/bin/env bash
# Runs a command where it can make network namespaces: lab.sh COMMAND [ARGUMENT…]
# As root that is here. An ordinary user becomes root of a user namespace, with networks, mounts, /run and /sys of its own;
# all of that is gone when the command ends.
. "$(dirname "$0")/env.sh"

[[ $(id -u) == 0 ]] && exec "$@"

refuse() {
  die "Cannot make test hosts as $(id -un): the kernel must let ordinary users have user namespaces, but it says: $1 (run it as root, or allow it: sysctl kernel.unprivileged_userns_clone=1, user.max_user_namespaces above 0, kernel.apparmor_restrict_unprivileged_userns=0)"
}

# What the test hosts need, before the command: on a kernel that forbids it, it is this that fails.
prepare='mount -t tmpfs tmpfs /run && mount -t sysfs sysfs /sys && ip link set lo up'
answer=$(unshare -Urmn sh -c "$prepare" 2>&1) || refuse "$(head -n 1 <<<"$answer")"
exec unshare -Urmn sh -c "$prepare && exec \"\$@\"" lab "$@"
