# The echo worker, which spoils what all generations share as it goes: SPOIL=shutdown shuts its sockets down, SPOIL=unlink
# removes their files, as servers do that believe themselves alone, SPOIL=linger does and waits until they are there again.
# With 'SPOIL=shutdown at USR1' it does that as often as it gets that signal, and lives on.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);

my $spoil = $ENV{SPOIL} // '';
my %sockets = $ENV{SERVER_STARTER_PORT} =~ /([^;]+)=(\d+)/g;
# Copies, for the worker closes its own at its end.
my @copies = map { open my $copy, '+<&', $_ or die $!; $copy } values %sockets;

# In between, not as it goes: whoever still waits in accept or select then finds nobody.
$SIG{USR1} = sub { shutdown $_, 2 for @copies } if $spoil eq 'shutdown at USR1';
do(dirname(abs_path(__FILE__)) . '/echo.pl');
die $@ if $@;
unlink keys %sockets if $spoil =~ /unlink|linger/;
if ($spoil eq 'linger') { select undef, undef, undef, 0.05 while grep { !-e } keys %sockets }
if ($spoil eq 'shutdown') { shutdown $_, 2 for @copies }
