# As PID 1 of a namespace: another user listens under the name of the control socket of the file `pid`, leaves the socket to a
# child that lies to everybody, and ends; then a superdaemon gets its pid.
perl -e '
  use Socket; my ($device, $inode) = stat "pid" or die $!;
  $) = $( = 65534; $< = $> = 65534;
  for my $name ("", map "/$_", 1 .. 30) {
    socket my $listener, AF_UNIX, SOCK_STREAM, 0 or die $!;
    bind $listener, pack_sockaddr_un("\0start-server/control/$device:$inode$name") or die $!;
    listen $listener, 9 or die $!;
    fork and next;
    while (accept my $client, $listener) {
      syswrite $client, qq({"protocol":1,"version":"0","pid":$$,"request":1,"workers":[]}\n);
      syswrite $client, qq({"event":"request-accepted","request":1,"deploy":1}\n);
      syswrite $client, qq({"event":"deployed","deploy":1,"generation":2,"pid":9,"signal":"SIGTERM","oldPids":[],"leaving":[]}\n);
    }
  }' &
forger=$!
wait
echo $((forger - 1)) >/proc/sys/kernel/ns_last_pid
"$@" &
[ $! = "$forger" ] || echo "the superdaemon is $!, not $forger" >&2
wait
