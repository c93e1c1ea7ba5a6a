# Becomes the program that its first word names, with the words after its second, in the state that some callers
# leave: $CALLER_IGNORE, $CALLER_BLOCK (signal names), $CALLER_UMASK, $CALLER_NICE. A word, or a variable's value, is
# made of the bytes whose numbers its characters have: so the tests can say any byte.
use strict;
use warnings;

sub to_bytes { my ($text) = @_; utf8::decode($text); utf8::downgrade($text); $text }

my %state = map { $_ => delete $ENV{"CALLER_$_"} // '' } qw(IGNORE BLOCK UMASK NICE);
$ENV{$_} = to_bytes($ENV{$_}) for keys %ENV;
my ($program, undef, @words) = map { to_bytes($_) } @ARGV;

# Most cases want nothing of it, and it takes three times as long to load as all the rest.
require POSIX if length "$state{BLOCK}$state{NICE}";
$SIG{$_} = 'IGNORE' for split ' ', $state{IGNORE};
POSIX::sigprocmask(POSIX::SIG_BLOCK(), POSIX::SigSet->new(numbers($state{BLOCK}))) if length $state{BLOCK};
umask oct $state{UMASK} if length $state{UMASK};
POSIX::nice($state{NICE}) if length $state{NICE};
exec { $program } $program, @words or die "$program: $!\n";

sub numbers {
    my ($names) = @_;
    require Config;
    my %number;
    @number{split ' ', $Config::Config{sig_name}} = split ' ', $Config::Config{sig_num};
    return @number{split ' ', $names};
}
