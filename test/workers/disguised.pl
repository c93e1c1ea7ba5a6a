# Writes a title over its arguments and environment, as servers do that show one, then serves as echo.pl.
use strict;
use warnings;
use File::Basename qw(dirname);

my $echo = dirname(__FILE__) . '/echo.pl';
$0 = 'a server of another name ' . 'x' x 4000;
do $echo;
