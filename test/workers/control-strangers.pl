# What another user does to the control socket of the pid file PID. As `squat` it listens under names that begin like the
# socket's, and never accepts: one of them has a full queue. As `flood` it connects without end to the name NAME.
use strict;
use warnings;
use Socket qw(AF_UNIX SOCK_STREAM pack_sockaddr_un);

my ($act, $object) = @ARGV;
my $address = sub { pack_sockaddr_un("\0$_[0]") };

if ($act eq 'squat') {
    my ($device, $inode) = stat $object;
    my (@listeners, @connections);
    for my $name ("start-server/control/$device:$inode", map "start-server/control/$device:$inode/$_", 1 .. 20) {
        socket my $listener, AF_UNIX, SOCK_STREAM, 0 or die $!;
        bind $listener, $address->($name) or die $!;
        listen $listener, 0 or die $!;
        socket my $connection, AF_UNIX, SOCK_STREAM, 0 or die $!;
        connect $connection, $address->($name) or die $! if @listeners % 2;
        push @listeners, $listener;
        push @connections, $connection;
    }
    print STDERR "ready\n";
    sleep 1000;
}

fork or last for 1 .. 20;
while (1) {
    socket my $connection, AF_UNIX, SOCK_STREAM, 0 or die $!;
    connect $connection, $address->($object);
}
