# A service manager that only listens: binds the datagram socket NAME (a path, or an abstract name behind an @) and writes
# each message as a line to FILE, its newlines as \n.
use strict;
use warnings;
use Socket qw(AF_UNIX SOCK_DGRAM pack_sockaddr_un);

my ($name, $file) = @ARGV;
$name =~ s/^@/\0/;
socket my $socket, AF_UNIX, SOCK_DGRAM, 0 or die $!;
bind $socket, pack_sockaddr_un($name) or die $!;
open my $record, '>', $file or die $!;
while (defined recv $socket, my $message, 65_536, 0) {
    $message =~ s/\n/\\n/g;
    syswrite $record, "$message\n";
}
