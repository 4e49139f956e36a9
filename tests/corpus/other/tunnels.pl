#!/usr/bin/perl
use strict;
# system("socat TCP-LISTEN:1,fork EXEC:sh");
my ($port, $to) = @ARGV;
die "usage: socat TCP-LISTEN:PORT,fork TCP:HOST:PORT" unless $to;
system('socat', "TCP-LISTEN:$port,fork,reuseaddr", "TCP:$to");
my $state = `echo show info | socat - UNIX-CONNECT:/run/haproxy.sock`;
