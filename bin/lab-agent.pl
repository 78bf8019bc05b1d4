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
use Socket;

my %SETNS = (x86_64 => 308, aarch64 => 268, riscv64 => 268, loongarch64 => 268, ppc64le => 350, s390x => 339, i686 => 346, armv7l => 375);
my $SETNS = $SETNS{(POSIX::uname())[4]} or die "the number of setns(2) is not known for this machine\n";

use constant {
  CLONE_NEWNET => 0x40000000, AF_PACKET => 17, ETH_P_ALL => 3, ETH_P_IP => 0x0800,
  SIOCGIFNAME => 0x8910, SIOCGSTAMPNS => 0x8907, IP_MTU_DISCOVER => 10, IP_PMTUDISC_DO => 2, RECEIVE_BUFFER => 4 << 20,
};
# A SYN or datagram of 60 bytes, as the model has it; a TCP segment has 52 bytes of headers with the usual options, a datagram 28.
use constant { USUAL_DATAGRAM => 60, TCP_HEADERS => 52, DATAGRAM_HEADERS => 28, PING => 84 };

my %netns;                # name -> open file of the namespace
my ($readable, %on) = (''); # select's bits, and what to do for each file number
my (@captured, @warm, %device);

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

sub listening {
  my ($name, $protocol, $address, $port) = @_;
  enter($name);
  socket my $socket, AF_INET, $protocol eq 'tcp' ? SOCK_STREAM : SOCK_DGRAM, 0 or die "socket: $!\n";
  setsockopt $socket, SOL_SOCKET, SO_REUSEADDR, 1;
  bind $socket, pack_sockaddr_in($port, inet_aton($address)) or die "bind $address:$port in $name: $!\n";
  $socket->blocking(0);
  if ($protocol eq 'udp') {
    watch($socket, sub { while (defined(my $peer = recv $socket, my $data, 65536, 0)) { send $socket, 'x', 0, $peer } });
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
      next if $protocol != ETH_P_IP;
      ioctl $socket, SIOCGSTAMPNS, $stamp;
      push @captured, [$name, device($socket, $name, $index), $type, sprintf('%d.%09d', unpack 'qq', $stamp), unpack('H*', $data)];
    }
  });
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
  my $kind = { tcp => SOCK_STREAM, udp => SOCK_DGRAM, icmp => SOCK_RAW }->{$protocol};
  socket my $socket, AF_INET, $kind, $protocol eq 'icmp' ? 1 : 0 or die "socket in $name: $!\n";
  setsockopt $socket, SOL_SOCKET, SO_REUSEADDR, 1;
  setsockopt $socket, 0, IP_MTU_DISCOVER, pack('i', IP_PMTUDISC_DO);
  $socket->blocking(0);
  my $to = pack_sockaddr_in($port, inet_aton($address));
  if ($protocol eq 'icmp') { # not connected: it would not be given errors from routers
    return said($socket) if !defined send $socket, echo($from, ($size || PING) - DATAGRAM_HEADERS), 0, $to;
    return ($socket, undef);
  }
  bind $socket, pack_sockaddr_in($from, INADDR_ANY) or die "bind port $from in $name: $!\n";
  return said($socket) if !connect($socket, $to) && !$!{EINPROGRESS};
  return said($socket) if $protocol eq 'udp' && !defined send $socket, 'x' x (($size || USUAL_DATAGRAM) - DATAGRAM_HEADERS), 0;
  return ($socket, undef);
}

sub said { my ($socket) = @_; my $errno = 0 + $!; close $socket; return (undef, "errno $errno") }

sub echo {
  my ($id, $bytes) = @_;
  my $packet = pack('CCnnn', 8, 0, 0, $id, 1) . 'x' x $bytes;
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

# What earlier packets taught of the MTUs on their way is forgotten: each packet is judged for itself.
sub forget_mtus {
  for my $name (keys %netns) {
    enter($name);
    open my $flush, '>', '/proc/sys/net/ipv4/route/flush' or next;
    syswrite $flush, '1';
  }
}

sub flow {
  my ($name, $protocol, $from, $address, $port, $size, $ms) = @_;
  forget_mtus() if $size;
  drain();
  my ($socket, $saw) = start($name, $protocol, $from, $address, $port, $size);
  my $until = now() + $ms / 10;
  if (defined $socket) {
    my $heard;
    watch($socket, sub { $heard //= hear($socket, $protocol, $from) }) if $protocol ne 'tcp';
    my $connecting = $protocol eq 'tcp';
    while (!defined $heard && now() < $until) {
      next if !serve_once(1, $connecting ? $socket : undef);
      $connecting = 0;
      my $errno = unpack 'i', getsockopt $socket, SOL_SOCKET, SO_ERROR;
      if ($errno) { $heard = "errno $errno" }
      else {
        syswrite $socket, 'x' x ($size ? $size - TCP_HEADERS : 1);
        watch($socket, sub { $heard //= hear($socket, $protocol, $from) });
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
  my ($socket, $protocol, $id) = @_;
  my $got = defined recv $socket, my $data, 65536, 0;
  return $!{EAGAIN} ? undef : 'errno ' . (0 + $!) if !$got;
  return $data eq '' ? 'errno ' . Errno::ECONNRESET() : 'answer' if $protocol eq 'tcp';
  return 'answer' if $protocol eq 'udp';
  my $body = substr $data, 4 * (ord($data) & 15);
  my ($type, $code, undef, $echoed) = unpack 'CCnn', $body;
  return $echoed == $id ? 'answer' : undef if $type == 0;
  return undef if $type != 3 && $type != 11;
  my $quoted = substr $body, 8;
  my (undef, undef, undef, $mine) = unpack 'CCnn', substr $quoted, 4 * (ord($quoted) & 15);
  return $mine == $id ? "icmp $type $code" : undef;
}

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
