# A superdaemon that takes long to start: holds the lock of the pid file PID, which is empty, until the file GO is there; then
# it writes its pid, and ends properly upon TERM.
use strict;
use warnings;
use Fcntl qw(:flock);

my ($pid_file, $go) = @ARGV;
$SIG{TERM} = sub { unlink $pid_file; exit };
open my $lock, '+>>', $pid_file or die $!;
flock $lock, LOCK_EX or die $!;
truncate $lock, 0;
print STDERR "starting\n";
select undef, undef, undef, 0.02 until -e $go;
syswrite $lock, "$$\n";
sleep 1000;
