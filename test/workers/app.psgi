# For any PSGI server: names process and generation; each request takes a moment.
sub {
    select undef, undef, undef, 0.005;
    my $body = "pid $$, generation $ENV{SERVER_STARTER_GENERATION}\n";
    return [200, ['Content-Type' => 'text/plain', 'Content-Length' => length $body], [$body]];
};
