/** Put before a command, lets the kernel answer these system calls with an error of that number (seccomp). */
export function forbidding(calls: readonly number[], errno: number): readonly string[] {
  return ['perl', '-e', script, String(errno), calls.join(), '--'];
}

export const PIDFD_OPEN = 434;
export const PIDFD_GETFD = 438;
export const EPERM = 1;
export const ENOSYS = 38;

// A filter of BPF: load the number of the call, compare it with each, answer with the error, or allow it.
const script = `
use POSIX ();
my ($errno, $calls) = splice @ARGV, 0, 2;
shift @ARGV;
my @calls = split /,/, $calls;
my $prctl = (POSIX::uname())[4] eq 'x86_64' ? 157 : 167;
my @filter = pack 'SCCL', 0x20, 0, 0, 0;
push @filter, pack 'SCCL', 0x15, 0, 1, $_ and push @filter, pack 'SCCL', 0x06, 0, 0, 0x50000 | $errno for @calls;
push @filter, pack 'SCCL', 0x06, 0, 0, 0x7fff0000;
my $filter = join '', @filter;
my $program = pack 'Sx6P', scalar @filter, $filter;
syscall($prctl, 38, 1, 0, 0, 0) == 0 or die $!;
syscall($prctl, 22, 2, $program, 0, 0) == 0 or die $!;
exec @ARGV;
`;
