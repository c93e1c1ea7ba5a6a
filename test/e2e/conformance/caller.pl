# Becomes the program that its first word names, with the words after its second, in the state that some callers
# leave: $CALLER_IGNORE, $CALLER_BLOCK (signal names), $CALLER_UMASK, $CALLER_NICE. A word, or a variable's value, is
# made of the bytes whose numbers its characters have: so the tests can say any byte.
use strict;
use warnings;
use Config;
use POSIX ();

sub to_bytes { my ($text) = @_; utf8::decode($text); utf8::downgrade($text); $text }

my %state = map { $_ => delete $ENV{"CALLER_$_"} // '' } qw(IGNORE BLOCK UMASK NICE);
$ENV{$_} = to_bytes($ENV{$_}) for keys %ENV;
my ($program, undef, @words) = map { to_bytes($_) } @ARGV;

$SIG{$_} = 'IGNORE' for split ' ', $state{IGNORE};
my %number;
@number{split ' ', $Config{sig_name}} = split ' ', $Config{sig_num};
my $blocked = POSIX::SigSet->new(@number{split ' ', $state{BLOCK}});
POSIX::sigprocmask(POSIX::SIG_BLOCK(), $blocked);
umask oct $state{UMASK} if length $state{UMASK};
POSIX::nice($state{NICE}) if length $state{NICE};
exec { $program } $program, @words or die "$program: $!\n";
