# sh boot-systemd.sh DIRECTORY NAME REPOSITORY NODE COMMAND...      with units in DIRECTORY/units
# Makes a small machine of its own and becomes its PID 1, the command: namespaces, a control group NAME, and over the root
# directory a layer in memory, where every change goes. To be run as `unshare --mount --propagation private sh …`: no mount
# of it is seen outside, and all go with its last process.
set -eu
if [ "$1" != inside ]; then
  directory=$1 name=$2
  mkdir "$directory/memory"
  mount -t tmpfs -o mode=755 tmpfs "$directory/memory"
  cp -R "$directory/units" "$directory/memory"
  directory=$directory/memory
  mkdir "$directory/cgroup" "$directory/upper" "$directory/work" "$directory/root"
  mount -t cgroup2 cgroup2 "$directory/cgroup"
  mkdir "$directory/cgroup/$name"
  echo $$ >"$directory/cgroup/$name/cgroup.procs"
  exec unshare --cgroup --pid --mount --uts --ipc --net --propagation private --fork --kill-child \
    sh "$0" inside "$directory" "$@"
fi
directory=$2 repository=$5 node=$6
shift 6
root=$directory/root
mount -t overlay -o "lowerdir=/,upperdir=$directory/upper,workdir=$directory/work" overlay "$root"
mount -t proc proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
mkdir "$root/dev/pts" "$root/dev/shm"
ln -s /proc/self/fd "$root/dev/fd"
ln -s pts/ptmx "$root/dev/ptmx"
for device in null zero full random urandom tty; do
  : >"$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"

# Where the example units look: the program under test, installed, and the application.
mkdir -p "$root/opt/start-server" "$root/opt/app" "$root/usr/local/bin"
mount --bind "$repository" "$root/opt/start-server"
cp "$repository/examples/systemd/server.mjs" "$root/opt/app"
chmod 755 "$root/opt" "$root/opt/app"
rm -f "$root/usr/local/bin/start-server" "$root/usr/local/bin/node"
ln -s /opt/start-server/bin/start-server "$root/usr/local/bin/start-server"
: >"$root/usr/local/bin/node"
mount --bind "$node" "$root/usr/local/bin/node"

# The only units there are: the given ones, the journal, and what both need to come and go.
units=$root/etc/booted
mv "$directory/units" "$units"
for unit in systemd-journald.service systemd-journald.socket systemd-journald-dev-log.socket sysinit.target basic.target \
  sockets.target shutdown.target umount.target final.target poweroff.target systemd-poweroff.service; do
  cp -L "/lib/systemd/system/$unit" "$units"
done

: >"$root/etc/machine-id"
ip link set lo up
cd "$root"
mkdir -p .outside
pivot_root . .outside
umount -l /.outside
path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
exec env -i container=start-server-test "PATH=$path" \
  SYSTEMD_UNIT_PATH=/etc/booted SYSTEMD_GENERATOR_PATH=/nowhere "$@"
