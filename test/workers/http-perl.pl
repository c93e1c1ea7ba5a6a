#!/usr/bin/perl
# A blocking HTTP server: one process, one listener, one connection at a time. It never polls, so it
# needs a listener that blocks. TERM: a connection that was accepted is answered, then it exits.
use strict;
use warnings;
use Errno qw(EINTR);

my ($fd) = $ENV{SERVER_STARTER_PORT} =~ /=(\d+)\z/ or die "no listener in SERVER_STARTER_PORT\n";
open my $listener, '+<&=', $fd or die "fd $fd: $!\n";

my $stopping = 0;
local $SIG{TERM} = sub { $stopping = 1 };
local $SIG{ALRM} = sub { };

until ($stopping) {
    # A TERM between the test above and accept(2) would be noticed only after the next connection.
    alarm 1;
    my $accepted = accept(my $connection, $listener);
    my $error = $!;
    alarm 0;
    if ($accepted) {
        answer($connection);
    } elsif ($error != EINTR) {
        die "accept: $error\n";
    }
}

sub answer {
    my ($connection) = @_;
    my $request = '';
    until ($request =~ /\r\n\r\n/) {
        my $count = sysread $connection, $request, 4096, length $request;
        next if !defined $count && $! == EINTR;
        return unless $count;
    }
    # Each request takes a moment, so that a signal nearly always finds one under way, and others in the queue.
    select undef, undef, undef, 0.002;
    my $body = "pid $$, generation $ENV{SERVER_STARTER_GENERATION}\n";
    my $length = length $body;
    syswrite $connection, "HTTP/1.1 200 OK\r\nContent-Length: $length\r\nConnection: close\r\n\r\n$body";
    close $connection;
}
