# A superdaemon of another make: holds the lock of the pid file PID, has generation 1 in the status file STATUS and, after
# HUP, generation 2. Whoever connects to its control socket gets the text in $ANSWER, $TIMES times, whatever it says.
use strict;
use warnings;
use Fcntl qw(:flock);
use Socket qw(AF_UNIX SOCK_STREAM pack_sockaddr_un);

my ($pid_file, $status_file) = @ARGV;
open my $lock, '+>>', $pid_file or die $!;
flock $lock, LOCK_EX or die $!;
truncate $lock, 0;
syswrite $lock, "$$\n";

sub publish {
    open my $status, '>', "$status_file.new" or die $!;
    syswrite $status, "$_[0]:$$\n";
    rename "$status_file.new", $status_file or die $!;
}
$SIG{HUP} = sub { publish(2) };
$SIG{PIPE} = 'IGNORE';

my ($device, $inode) = stat $lock;
socket my $listener, AF_UNIX, SOCK_STREAM, 0 or die $!;
bind $listener, pack_sockaddr_un("\0start-server/control/$device:$inode") or die $!;
listen $listener, 5 or die $!;
publish(1);
my @connections;
while (1) {
    next unless accept my $connection, $listener;
    syswrite $connection, $ENV{ANSWER} x ($ENV{TIMES} // 1);
    push @connections, $connection;
}
