# Writes all that a process can know about itself to $REPORT_DIR/GENERATION.json, and waits for its end.
# Bytes become the characters of the same number (Latin-1), so nothing is lost on the way.
use strict;
use warnings;
use JSON::PP;
use Config;
use POSIX ();
use Socket qw(:DEFAULT inet_ntop unpack_sockaddr_in6 IPPROTO_IPV6 IPV6_V6ONLY IPPROTO_TCP SO_ACCEPTCONN SO_DOMAIN);

use constant TCP_INFO => 11;
my %keep; # Handles made from descriptor numbers: closing one would close the descriptor.

sub slurp { open my $file, '<', $_[0] or die "$_[0]: $!"; local $/; scalar <$file> }

sub signals {
    my ($set) = slurp('/proc/self/status') =~ /^$_[0]:\s*(\w+)/m;
    my @names = split ' ', $Config{sig_name};
    my $bits = hex $set;
    return [map { $names[$_] } grep { $bits & (1 << ($_ - 1)) } 1 .. 31];
}

sub number { my ($socket, $level, $name) = @_; 0 + unpack 'i', getsockopt($socket, $level, $name) }

sub address {
    my ($domain, $name) = @_;
    if ($domain == AF_UNIX) { return length $name > 2 ? unpack_sockaddr_un($name) : '' }
    my ($port, $host) = $domain == AF_INET6 ? unpack_sockaddr_in6($name) : unpack_sockaddr_in($name);
    $host = inet_ntop($domain, $host);
    return $domain == AF_INET6 ? "[$host]:$port" : "$host:$port";
}

sub socket_state {
    my ($fd) = @_;
    open $keep{$fd}, '+<&=', $fd or die $!;
    my $socket = $keep{$fd};
    my $domain = number($socket, SOL_SOCKET, SO_DOMAIN);
    my $type = number($socket, SOL_SOCKET, SO_TYPE);
    my $is_tcp = $domain != AF_UNIX && $type == SOCK_STREAM;
    return {
        family => { AF_INET, 'inet', AF_INET6, 'inet6', AF_UNIX, 'unix' }->{$domain},
        type => { SOCK_STREAM, 'stream', SOCK_DGRAM, 'datagram' }->{$type},
        address => address($domain, getsockname $socket),
        listening => number($socket, SOL_SOCKET, SO_ACCEPTCONN) ? JSON::PP::true : JSON::PP::false,
        ipv6Only => $domain == AF_INET6 && number($socket, IPPROTO_IPV6, IPV6_V6ONLY) ? JSON::PP::true : JSON::PP::false,
        # Of a listening socket tcpi_sacked is the backlog.
        backlog => $is_tcp ? unpack('x28 L', getsockopt($socket, IPPROTO_TCP, TCP_INFO)) : undef,
    };
}

sub descriptor {
    my ($fd) = @_;
    my $link = readlink "/proc/self/fd/$fd" or return; # The directory handle is gone by now.
    my ($flags) = slurp("/proc/self/fdinfo/$fd") =~ /^flags:\s*(\d+)/m;
    return {
        fd => 0 + $fd,
        link => $link,
        nonBlocking => oct $flags & POSIX::O_NONBLOCK() ? JSON::PP::true : JSON::PP::false,
        socket => $link =~ /^socket:/ ? socket_state($fd) : undef,
    };
}

sub descriptors {
    opendir my $directory, '/proc/self/fd' or die $!;
    my @numbers = grep { /^\d+$/ } readdir $directory;
    closedir $directory;
    return [map { descriptor($_) } sort { $a <=> $b } @numbers];
}

my @stat = split ' ', (split /\) /, slurp('/proc/self/stat'))[1];
my ($nofile) = slurp('/proc/self/limits') =~ /^Max open files\s+(\d+)/m;
my %report = (
    descriptors => descriptors(),
    argv => [@ARGV],
    environment => {%ENV},
    cwd => readlink '/proc/self/cwd',
    pid => $$,
    ppid => 0 + $stat[1],
    processGroup => 0 + $stat[2],
    session => 0 + $stat[3],
    blocked => signals('SigBlk'),
    ignored => [grep { $_ ne 'FPE' } @{ signals('SigIgn') }], # Perl itself ignores SIGFPE.
    umask => umask,
    openFiles => 0 + $nofile,
);
my $name = "$ENV{REPORT_DIR}/$ENV{SERVER_STARTER_GENERATION}.json";
open my $file, '>', "$name.new" or die $!;
print $file JSON::PP->new->ascii->canonical->encode(\%report);
close $file;
rename "$name.new", $name or die $!;
sleep 100 while 1;
