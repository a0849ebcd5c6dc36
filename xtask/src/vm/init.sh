#!/bin/busybox sh
# The guest's first program: brings up modules and network, runs `command` in /root, and says
# how that ended. The lines that begin with "eyeline-vm:" are read by `cargo xtask vm`.

/bin/busybox mkdir -p /proc /sys /dev /tmp /run /usr/bin /root
/bin/busybox --install -s /bin
export PATH=/usr/bin:/bin HOME=/root
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/shm
mount -t tmpfs tmpfs /dev/shm
exec </dev/null >/dev/console 2>&1

while read -r module options; do
    # shellcheck disable=SC2086
    insmod "/modules/$module" $options || echo "eyeline-vm: no $module"
done </modules/order

# The addresses that QEMU's own network has.
ip link set lo up
ip link set eth0 up
ip address add 10.0.2.15/24 dev eth0
ip route add default via 10.0.2.2

cd /root || exit
echo "eyeline-vm: up after $(cut -d ' ' -f 1 /proc/uptime) s"
sh ./command
status=$?

# Levels: 0 emergency, 1 alert, 2 critical, 3 error; 4 is a warning, and a broken promise of a
# driver's, which is what the word with a colon tells. On a machine as slow as this one vivid
# asks for a negative sleep now and then, and the kernel complains; nobody but vivid is at fault.
dmesg -r | grep -e '^<[0-3]>' -e 'WARNING: ' -e 'BUG: ' |
    grep -v 'schedule_timeout: wrong timeout value' | sed 's/^/eyeline-vm: kernel: /'
echo "eyeline-vm: exit $status"

# What was written may still be on its way through the serial port; the host does not wait.
sleep 5
poweroff -f
