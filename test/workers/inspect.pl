# Writes all that a process can know about itself to $REPORT_DIR/GENERATION.json, and waits for its end.
# Bytes become the characters of the same number (Latin-1), so nothing is lost on the way.
# A thousand of them run in the tests, so it goes without JSON::PP, POSIX and Config, which take four times as long as all the rest.
use strict;
use warnings;

my ($O_NONBLOCK, $TCP_INFO) = (04000, 11);
my @signals = qw(ZERO HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG
    XCPU XFSZ VTALRM PROF WINCH IO PWR SYS);
my %keep; # Handles made from descriptor numbers: closing one would close the descriptor.

sub slurp { open my $file, '<', $_[0] or die "$_[0]: $!"; local $/; scalar <$file> }

sub signals {
    my ($set) = slurp('/proc/self/status') =~ /^$_[0]:\s*(\w+)/m;
    my $bits = hex $set;
    return [map { $signals[$_] } grep { $bits & (1 << ($_ - 1)) } 1 .. $#signals];
}

# A reference to a scalar stands for what JSON has without quotes.
sub number { my ($number) = @_; \(0 + $number) }
sub truth { my ($is_true) = @_; $is_true ? \'true' : \'false' }

sub json {
    my ($value) = @_;
    return $$value if ref $value eq 'SCALAR';
    return '[' . join(',', map { json($_) } @$value) . ']' if ref $value eq 'ARRAY';
    return '{' . join(',', map { json($_) . ':' . json($value->{$_}) } sort keys %$value) . '}' if ref $value;
    $value =~ s/([^ !#-\[\]-~])/sprintf '\\u%04x', ord $1/ge;
    return qq("$value");
}

sub option { my ($socket, $level, $name) = @_; 0 + unpack 'i', getsockopt($socket, $level, $name) }

sub address {
    my ($domain, $name) = @_;
    if ($domain == Socket::AF_UNIX()) { return length $name > 2 ? Socket::unpack_sockaddr_un($name) : '' }
    my $is_ipv6 = $domain == Socket::AF_INET6();
    my ($port, $host) = $is_ipv6 ? Socket::unpack_sockaddr_in6($name) : Socket::unpack_sockaddr_in($name);
    $host = Socket::inet_ntop($domain, $host);
    return $is_ipv6 ? "[$host]:$port" : "$host:$port";
}

sub socket_state {
    my ($fd) = @_;
    require Socket;
    open $keep{$fd}, '+<&=', $fd or die $!;
    my $socket = $keep{$fd};
    my $level = Socket::SOL_SOCKET();
    my $domain = option($socket, $level, Socket::SO_DOMAIN());
    my $type = option($socket, $level, Socket::SO_TYPE());
    my ($is_ipv6, $is_stream) = ($domain == Socket::AF_INET6(), $type == Socket::SOCK_STREAM());
    my $is_tcp = $domain != Socket::AF_UNIX() && $is_stream;
    return {
        family => $is_ipv6 ? 'inet6' : $domain == Socket::AF_UNIX() ? 'unix' : 'inet',
        type => $is_stream ? 'stream' : 'datagram',
        address => address($domain, getsockname $socket),
        listening => truth(option($socket, $level, Socket::SO_ACCEPTCONN())),
        ipv6Only => truth($is_ipv6 && option($socket, Socket::IPPROTO_IPV6(), Socket::IPV6_V6ONLY())),
        # Of a listening socket tcpi_sacked is the backlog.
        backlog => $is_tcp
            ? number(unpack 'x28 L', getsockopt($socket, Socket::IPPROTO_TCP(), $TCP_INFO))
            : \'null',
    };
}

sub descriptor {
    my ($fd) = @_;
    my $link = readlink "/proc/self/fd/$fd" or return; # The directory handle is gone by now.
    my ($flags) = slurp("/proc/self/fdinfo/$fd") =~ /^flags:\s*(\d+)/m;
    return {
        fd => number($fd),
        link => $link,
        nonBlocking => truth(oct($flags) & $O_NONBLOCK),
        socket => $link =~ /^socket:/ ? socket_state($fd) : \'null',
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
    pid => number($$),
    ppid => number($stat[1]),
    processGroup => number($stat[2]),
    session => number($stat[3]),
    blocked => signals('SigBlk'),
    ignored => [grep { $_ ne 'FPE' } @{ signals('SigIgn') }], # Perl itself ignores SIGFPE.
    umask => number(umask),
    openFiles => number($nofile),
);
my $name = "$ENV{REPORT_DIR}/$ENV{SERVER_STARTER_GENERATION}.json";
open my $file, '>', "$name.new" or die $!;
print $file json(\%report);
close $file;
rename "$name.new", $name or die $!;
sleep 100 while 1;
