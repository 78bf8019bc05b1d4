#!/usr/bin/perl
# The lab's hands: one process with sockets in every namespace. It listens, sends and captures as it is told on standard input, a line
# a command, and answers on standard output. Perl, because it is part of every Debian and comes with git elsewhere, and because setns(2)
# and packet sockets are a call away: one process does what would else be one Node.js and one tcpdump for each namespace.
#
#   listen NETNS tcp|udp ADDRESS PORT                        answers: ok, or error TEXT
#   capture NETNS                                            from now on, all packets on all devices there are kept
#   warm NETNS PROTOCOL SOURCE-PORT ADDRESS PORT             sends, and forgets; settle MS waits for what comes of it
#   flow NETNS PROTOCOL SOURCE-PORT ADDRESS PORT SIZE MS     answers: packet NETNS DEVICE TYPE TIME HEX ..., then client WORD [NUMBERS]
#   serve                                                    goes on listening when standard input ends
use strict;
use warnings;
use Errno qw(EINPROGRESS);
use POSIX ();
use Socket qw(:DEFAULT inet_pton pack_sockaddr_in6 AF_INET6 IN6ADDR_ANY);

my %SETNS = (x86_64 => 308, aarch64 => 268, riscv64 => 268, loongarch64 => 268, ppc64le => 350, s390x => 339, i686 => 346, armv7l => 375);
my $SETNS = $SETNS{(POSIX::uname())[4]} or die "the number of setns(2) is not known for this machine\n";

use constant {
  CLONE_NEWNET => 0x40000000, AF_PACKET => 17, ETH_P_ALL => 3, ETH_P_IP => 0x0800, ETH_P_IPV6 => 0x86dd,
  SIOCGIFNAME => 0x8910, SIOCGSTAMPNS => 0x8907, IP_MTU_DISCOVER => 10, PMTUDISC_DO => 2, RECEIVE_BUFFER => 4 << 20,
  LEVEL_IPV6 => 41, IPV6_MTU_DISCOVER => 23, IPV6_V6ONLY => 26, IPV6_DONTFRAG => 62, IPV6_FREEBIND => 78,
};
# What datagrams and pings carry, so that the first has 60 bytes like a SYN, and the second 84, as the model has them; a TCP segment has 52
# bytes of headers with the usual options, a datagram 28. IPv6's own header is 20 bytes longer.
use constant { USUAL_DATAGRAM => 32, USUAL_PING => 56, TCP_HEADERS => 52, DATAGRAM_HEADERS => 28, IPV6_MORE => 20 };
use constant ANSWER => 'x';
# Echo request, echo reply, and the errors, by number. Source: RFC 792, RFC 4443.
my %ICMP = (
  AF_INET, { protocol => 1, echo => 8, reply => 0, errors => [3, 11] },
  AF_INET6, { protocol => 58, echo => 128, reply => 129, errors => [1 .. 4] },
);

my %netns;                # name -> open file of the namespace
my ($readable, %on) = (''); # select's bits, and what to do for each file number
my (@captured, @warm, %device, $taught);

# Bytes on standard input are read with sysread: select knows nothing of Perl's buffers.
my ($input, $serving, $ended) = ('', 0, 0);

sub enter {
  my ($name) = @_;
  if (!exists $netns{$name}) {
    open $netns{$name}, '<', "/run/netns/$name" or do { delete $netns{$name}; die "there is no namespace $name: $!\n" };
  }
  syscall($SETNS, fileno $netns{$name}, CLONE_NEWNET) == 0 or die "setns $name: $!\n";
}

sub watch { my ($socket, $do) = @_; vec($readable, fileno $socket, 1) = 1; $on{fileno $socket} = $do }

sub forget { my ($socket) = @_; vec($readable, fileno $socket, 1) = 0; delete $on{fileno $socket}; close $socket }

# Without linger a reset closes the connection: no FIN crosses what the next flow is captured on, and no port stays in TIME_WAIT.
sub reset_and_forget { my ($socket) = @_; setsockopt $socket, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0); forget($socket) }

sub family { return index($_[0], ':') < 0 ? AF_INET : AF_INET6 }

# '' is any address.
sub sockaddr {
  my ($family, $address, $port) = @_;
  return pack_sockaddr_in($port, $address eq '' ? INADDR_ANY : inet_aton($address)) if $family == AF_INET;
  return pack_sockaddr_in6($port, $address eq '' ? IN6ADDR_ANY : inet_pton(AF_INET6, $address));
}

sub listening {
  my ($name, $protocol, $address, $port) = @_;
  enter($name);
  my $family = family($address);
  socket my $socket, $family, $protocol eq 'tcp' ? SOCK_STREAM : SOCK_DGRAM, 0 or die "socket: $!\n";
  setsockopt $socket, SOL_SOCKET, SO_REUSEADDR, 1;
  # An address that went with its device can be listened on as well: nobody gets there.
  setsockopt $socket, LEVEL_IPV6, IPV6_FREEBIND, 1 if $family == AF_INET6;
  bind $socket, sockaddr($family, $address, $port) or die "bind $address:$port in $name: $!\n";
  $socket->blocking(0);
  if ($protocol eq 'udp') {
    # What comes may be another one's answer, where rules turn packets round: two would answer each other for ever.
    watch($socket, sub { while (defined(my $peer = recv $socket, my $data, 65536, 0)) { send $socket, ANSWER, 0, $peer if $data ne ANSWER } });
    return;
  }
  listen $socket, 128 or die "listen: $!\n";
  watch($socket, sub { while (accept my $connection, $socket) { answering($connection, $name) } });
}

# One byte for whatever comes: the answer is never what is too large. Who asks by HTTP is told where he is.
sub answering {
  my ($connection, $name) = @_;
  $connection->blocking(0);
  watch($connection, sub {
    my $got = sysread $connection, my $data, 65536;
    if ($got && $data =~ /\A[A-Z]+ \S+ HTTP/) {
      syswrite $connection, "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n$name\n";
      forget($connection);
    } elsif ($got) { syswrite $connection, 'x' } elsif (defined $got || !$!{EAGAIN}) { forget($connection) }
  });
}

sub capture {
  my ($name) = @_;
  enter($name);
  socket my $socket, AF_PACKET, SOCK_DGRAM, unpack('S', pack 'n', ETH_P_ALL) or die "packet socket in $name: $!\n";
  setsockopt $socket, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER;
  $socket->blocking(0);
  my $stamp = pack 'qq', 0, 0;
  ioctl $socket, SIOCGSTAMPNS, $stamp; # the first call turns time stamps on
  watch($socket, sub {
    while (defined(my $link = recv $socket, my $data, 256, 0)) {
      my (undef, $protocol, $index, undef, $type) = unpack 'SnlSC', $link;
      next if $protocol != ETH_P_IP && $protocol != ETH_P_IPV6;
      ioctl $socket, SIOCGSTAMPNS, $stamp;
      push @captured, [$name, device($socket, $name, $index), $type, sprintf('%d.%09d', unpack 'qq', $stamp), unpack('H*', $data)];
      $taught = 1 if $protocol == ETH_P_IPV6 && packet_too_big($data);
    }
  });
}

sub packet_too_big {
  return 0 if length $_[0] <= 40;
  my ($next, $type) = unpack 'x6Cx33C', $_[0];
  return $next == $ICMP{&AF_INET6}{protocol} && $type == 2;
}

sub device {
  my ($socket, $name, $index) = @_;
  return $device{$name}{$index} //= do {
    my $request = pack 'a16la20', '', $index, '';
    ioctl($socket, SIOCGIFNAME, $request) ? unpack('Z16', $request) : "if$index";
  };
}

# Answers (socket, undef), or (undef, what the call said).
sub start {
  my ($name, $protocol, $from, $address, $port, $size) = @_;
  enter($name);
  my $family = family($address);
  my $kind = { tcp => SOCK_STREAM, udp => SOCK_DGRAM, icmp => SOCK_RAW }->{$protocol};
  socket my $socket, $family, $kind, $protocol eq 'icmp' ? $ICMP{$family}{protocol} : 0 or die "socket in $name: $!\n";
  whole($socket, $family);
  $socket->blocking(0);
  my $to = sockaddr($family, $address, $port);
  my $bytes = $size ? $size - DATAGRAM_HEADERS - more($family) : $protocol eq 'icmp' ? USUAL_PING : USUAL_DATAGRAM;
  if ($protocol eq 'icmp') { # not connected: it would not be given errors from routers
    my $sent = send $socket, echo($family, $from, $bytes), 0, $to;
    # ENOBUFS: the link dropped it, of which IPv6 tells raw sockets and no others (rawv6_sendmsg, net/ipv6/raw.c).
    return said($socket) if !defined $sent && !$!{ENOBUFS};
    return ($socket, undef);
  }
  bind $socket, sockaddr($family, '', $from) or die "bind port $from in $name: $!\n";
  return said($socket) if !connect($socket, $to) && !$!{EINPROGRESS};
  return said($socket) if $protocol eq 'udp' && !defined send $socket, 'x' x $bytes, 0;
  return ($socket, undef);
}

sub more { return $_[0] == AF_INET6 ? IPV6_MORE : 0 }

# Nothing is cut to pieces, and a port may be used again.
sub whole {
  my ($socket, $family) = @_;
  setsockopt $socket, SOL_SOCKET, SO_REUSEADDR, 1;
  return setsockopt $socket, 0, IP_MTU_DISCOVER, pack('i', PMTUDISC_DO) if $family == AF_INET;
  setsockopt $socket, LEVEL_IPV6, IPV6_MTU_DISCOVER, PMTUDISC_DO;
  setsockopt $socket, LEVEL_IPV6, IPV6_DONTFRAG, 1;
  setsockopt $socket, LEVEL_IPV6, IPV6_V6ONLY, 1;
}

sub said { my ($socket) = @_; my $errno = 0 + $!; close $socket; return (undef, "errno $errno") }

# ICMPv6's checksum is the kernel's work.
sub echo {
  my ($family, $id, $bytes) = @_;
  my $packet = pack('CCnnn', $ICMP{$family}{echo}, 0, 0, $id, 1) . 'x' x $bytes;
  return $packet if $family == AF_INET6;
  my $sum = 0;
  $sum += $_ for unpack 'n*', length($packet) % 2 ? "$packet\0" : $packet;
  $sum = ($sum & 0xffff) + ($sum >> 16) while $sum >> 16;
  substr($packet, 2, 2) = pack 'n', ~$sum & 0xffff;
  return $packet;
}

# The clock of times(2): hundredths of a second since some day. Nothing here needs finer time.
sub now { return (POSIX::times())[0] }

# Serves whoever is ready, for at most so many hundredths of a second; $writable is a socket whose connect is awaited.
sub serve_once {
  my ($hundredths, $writable) = @_;
  my $write = '';
  vec($write, fileno $writable, 1) = 1 if defined $writable;
  my $ready = select my $read = $readable, $writable ? $write : undef, undef, $hundredths / 100;
  return 0 if $ready <= 0;
  for my $number (grep { vec $read, $_, 1 } keys %on) { $on{$number}->() if exists $on{$number} }
  return defined $writable && vec $write, fileno $writable, 1;
}

sub serve_for { my $until = now() + $_[0]; serve_once(1) while now() < $until }

sub drain { serve_once(0); @captured = () }

# What earlier packets taught of the MTUs on their way is forgotten: each packet is judged for itself. Writing to IPv6's own `flush` leaves
# them (rt6_age_examine_exception, net/ipv6/route.c), so they are deleted one by one.
sub forget_mtus {
  for my $name (keys %netns) {
    enter($name);
    system 'ip -6 route flush cache < /dev/null > /dev/null 2>&1' if $taught;
    open my $flush, '>', '/proc/sys/net/ipv4/route/flush' or next;
    syswrite $flush, '1';
  }
  $taught = 0;
}

sub flow {
  my ($name, $protocol, $from, $address, $port, $size, $ms) = @_;
  forget_mtus() if $size;
  drain();
  my ($socket, $saw) = start($name, $protocol, $from, $address, $port, $size);
  my $until = now() + $ms / 10;
  if (defined $socket) {
    my $heard;
    watch($socket, sub { $heard //= hear($socket, $protocol, $from, $address) }) if $protocol ne 'tcp';
    my $connecting = $protocol eq 'tcp';
    while (!defined $heard && now() < $until) {
      next if !serve_once(1, $connecting ? $socket : undef);
      $connecting = 0;
      my $errno = unpack 'i', getsockopt $socket, SOL_SOCKET, SO_ERROR;
      if ($errno) { $heard = "errno $errno" }
      else {
        syswrite $socket, 'x' x ($size ? $size - TCP_HEADERS - more(family($address)) : 1);
        watch($socket, sub { $heard //= hear($socket, $protocol, $from, $address) });
      }
    }
    $saw = $heard // 'time-out';
  }
  serve_for(1); # what is still on its way
  my @packets = @captured;
  reset_and_forget($socket) if defined $socket;
  print map { "packet @$_\n" } @packets;
  print "client $saw\n";
  serve_for(1); # the reset, before the next flow begins
}

# undef: nothing that this client waits for.
sub hear {
  my ($socket, $protocol, $id, $address) = @_;
  my $got = defined recv $socket, my $data, 65536, 0;
  return $!{EAGAIN} ? undef : 'errno ' . (0 + $!) if !$got;
  return $data eq '' ? 'errno ' . Errno::ECONNRESET() : 'answer' if $protocol eq 'tcp';
  return 'answer' if $protocol eq 'udp';
  my $family = family($address);
  my $icmp = $ICMP{$family};
  my $body = $family == AF_INET ? behind_header($data) : $data; # IPv6's header is not handed over
  my ($type, $code, undef, $echoed) = unpack 'CCnn', $body;
  return $echoed == $id ? 'answer' : undef if $type == $icmp->{reply};
  return undef if !grep { $_ == $type } @{$icmp->{errors}};
  my (undef, undef, undef, $mine) = unpack 'CCnn', behind_header(substr $body, 8);
  return $mine == $id ? "icmp $type $code" : undef;
}

sub behind_header { my $first = ord $_[0]; return substr $_[0], $first >> 4 == 6 ? 40 : 4 * ($first & 15) }

sub warm { my ($socket) = start(@_, 0); push @warm, $socket if defined $socket }

sub settle { my ($ms) = @_; serve_for($ms / 10); reset_or_close($_) for splice @warm; drain() }

sub reset_or_close { my ($socket) = @_; setsockopt $socket, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0); close $socket }

my %command = (
  listen => sub { listening(@_); print "ok\n" },
  capture => sub { capture(@_); print "ok\n" },
  warm => sub { warm(@_); print "ok\n" },
  settle => sub { settle(@_); print "ok\n" },
  flow => \&flow,
  serve => sub { $serving = 1; print "ok\n" },
);

sub obey {
  my ($word, @rest) = split ' ', $_[0];
  my $do = $command{$word // ''};
  eval { defined $do ? $do->(@rest) : die "there is no command $word\n"; 1 } or print 'error ', $@ =~ s/\s+/ /gr, "\n";
}

$| = 1;
$SIG{PIPE} = 'IGNORE';
STDIN->blocking(0);
watch(\*STDIN, sub {
  my $got = sysread STDIN, $input, 65536, length $input;
  if (!$got && (defined $got || !$!{EAGAIN})) { $ended = 1; vec($readable, fileno STDIN, 1) = 0; delete $on{fileno STDIN} }
});
while (!$ended || $serving || $input =~ /\n/) {
  if ($input =~ s/\A([^\n]*)\n//) { obey($1) } else { serve_once(100) }
}
