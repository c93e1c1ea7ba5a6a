use strict;
use warnings;

# Says who answers: the generation and the process.
sub {
    my $body = "hello from pid $$, generation $ENV{SERVER_STARTER_GENERATION}\n";
    return [200, ['Content-Type' => 'text/plain', 'Content-Length' => length $body], [$body]];
};
