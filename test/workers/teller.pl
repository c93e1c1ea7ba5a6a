# Tells how far it is: runs the steps in $STEPS_n for generation n, in $STEPS for the others, separated by `;`, then lives
# until TERM. In the file $TRANSCRIPT it notes, a line each, "GENERATION EVENT MILLISECONDS".
#   note WORD            notes a word
#   wait FILE            until the file is there
#   sleep SECONDS
#   pipe TEXT            writes to the pipe in $NOTIFY_FD; \n is a newline
#   close                closes that pipe
#   send TEXT            to the datagram socket in $NOTIFY_SOCKET
#   flood N              writes N times 64 kB to the pipe and to the socket
#   babble WAY           says STATUS=1, STATUS=2 … there, pipe or send, and never stops
#   exit N
use strict;
use warnings;
use Socket qw(AF_UNIX SOCK_DGRAM pack_sockaddr_un);
use Time::HiRes qw(sleep time);

my $generation = $ENV{SERVER_STARTER_GENERATION};

sub note {
    return unless $ENV{TRANSCRIPT};
    open my $transcript, '>>', $ENV{TRANSCRIPT} or die $!;
    syswrite $transcript, "$generation @_ " . int(time() * 1000) . "\n";
}

$SIG{TERM} = sub { note('TERM'); exit 0 };
$SIG{PIPE} = 'IGNORE';

my $pipe;
my %does = (
    note  => sub { note($_[0]) },
    wait  => sub { sleep 0.02 until -e $_[0] },
    sleep => sub { sleep $_[0] },
    exit  => sub { exit $_[0] },
    pipe  => sub {
        my $text = $_[0];
        $text =~ s/\\n/\n/g;
        open $pipe, '>&=', $ENV{NOTIFY_FD} or die $! unless $pipe;
        syswrite $pipe, $text;
    },
    close => sub {
        open $pipe, '>&=', $ENV{NOTIFY_FD} or die $! unless $pipe;
        close $pipe;
    },
    send => sub {
        (my $name = $ENV{NOTIFY_SOCKET}) =~ s/^@/\0/;
        socket my $socket, AF_UNIX, SOCK_DGRAM, 0 or die $!;
        send $socket, $_[0], 0, pack_sockaddr_un($name) or die $!;
    },
);

$does{flood} = sub {
    for (1 .. $_[0]) {
        $does{pipe}->('x' x 65_536);
        $does{send}->('x' x 65_536);
    }
};

$does{babble} = sub {
    for (my $count = 1; ; $count += 1) { $does{$_[0]}->("STATUS=$count\n") }
};

note('started');
for my $step (split /;/, $ENV{"STEPS_$generation"} // $ENV{STEPS} // '') {
    my ($verb, $object) = split / /, $step, 2;
    $does{$verb}->($object // '');
}
sleep 0.05 while 1;
