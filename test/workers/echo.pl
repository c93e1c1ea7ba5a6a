# Answers each connection, or datagram, on every inherited socket with the line "GENERATION PID".
# It blocks in accept, as simple servers do, and answers whom it has accepted before it obeys a signal.
use strict;
use warnings;
use IO::Select;
use Socket;
use Time::HiRes qw(setitimer ITIMER_REAL);

my $reply = "$ENV{SERVER_STARTER_GENERATION} $$\n";
my $leaving = 0;
$SIG{$_} = sub { $leaving = 1 } for qw(TERM INT QUIT);
# Perl notices a signal after the system call that it came just before: a regular alarm ends that call.
$SIG{ALRM} = sub { };
setitimer(ITIMER_REAL, 0.1, 0.1);

my @sockets = map { open my $socket, '+<&=', /=(\d+)$/ or die $!; $socket } split /;/, $ENV{SERVER_STARTER_PORT};
my $select = IO::Select->new(@sockets);

sub is_datagram { unpack('i', getsockopt($_[0], SOL_SOCKET, SO_TYPE)) == SOCK_DGRAM }

sub serve {
    my ($socket) = @_;
    if (is_datagram($socket)) {
        my $sender = recv($socket, my $question, 1024, 0);
        send($socket, $reply, 0, $sender) if defined $sender;
    } elsif (accept(my $connection, $socket)) {
        syswrite $connection, $reply;
    }
}

until ($leaving) {
    select undef, undef, undef, 1 unless @sockets;
    serve($_) for @sockets > 1 ? $select->can_read : @sockets;
}
