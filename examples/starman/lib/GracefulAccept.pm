package GracefulAccept;

# starman retires its children by HUP. Those that have just accepted a connection exit without an answer, and those that
# read a request take the interruption for an error of the client. Here they get HUP only while they wait in accept(2).
use strict;
use warnings;
use Errno;
use Net::Server;
use POSIX qw(SIGHUP SIG_BLOCK SIG_UNBLOCK sigprocmask);

my $hup = POSIX::SigSet->new(SIGHUP);
my $leaving;

no warnings 'redefine';
*Net::Server::accept = sub {
    my $server = shift->{server};
    $SIG{HUP} = sub { $leaving = 1 };
    sigprocmask(SIG_UNBLOCK, $hup);
    my $client;
    until ($leaving || $client) {
        $client = $server->{sock}[0]->accept or $!{EINTR} or sleep 1;
    }
    sigprocmask(SIG_BLOCK, $hup);
    $server->{client} = $client;
    return !!$client;
};

1;
