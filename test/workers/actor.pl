# Lives as told, and notes in the file $TRANSCRIPT, a line each, "GENERATION EVENT": started, or the signal that came.
# $ACT_n tells generation n how, $ACT the others:
#   live [N]    until a signal comes (the default), ending with that exit code
#   deaf        lives on whatever signal comes
#   exit N      ends at once with that exit code
#   kill NAME   ends at once by that signal
use strict;
use warnings;

my $generation = $ENV{SERVER_STARTER_GENERATION};
my ($verb, $object) = split / /, $ENV{"ACT_$generation"} // $ENV{ACT} // 'live';

sub note {
    open my $transcript, '>>', $ENV{TRANSCRIPT} or die $!;
    syswrite $transcript, "$generation @_\n";
}

# Noted one by one: a handler may be interrupted by the next signal's, which would end the process before the first is noted.
my @came;
for my $name (qw(HUP INT QUIT TERM USR1 USR2)) {
    $SIG{$name} = sub { push @came, $name };
}
note('started');
exit $object if $verb eq 'exit';
kill $object, $$ if $verb eq 'kill';
while (1) {
    while (my $name = shift @came) {
        note($name);
        exit($object // 0) if $verb eq 'live';
    }
    select undef, undef, undef, 0.05;
}
