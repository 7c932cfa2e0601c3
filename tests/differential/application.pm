# SPDX-License-Identifier: MIT
# The application of tests/conformance/application.hpp inside nginx, as far as its rows are compared.
package application;

use strict;
use warnings;
use nginx;

my %get = map { $_ => 1 } qw(/ /get /next /smuggled /version /count /empty /stream /sized /close /throw /slow
  /deferred /blocking /any /nocontent /reset /notmodified /early-hints /trailing /own-head /teapot);
my %post = map { $_ => 1 } qw(/post /early /trailers /any /deferred /blocking);
my %any = map { $_ => 1 } qw(/any /deferred /blocking /reset /notmodified /nocontent-with-content);
my %says = (
  '/next' => 'next', '/smuggled' => 'smuggled', '/empty' => '', '/stream' => 'one two three', '/sized' => 'abcdefg',
  '/close' => 'closing', '/slow' => 'slow', '/early' => 'early', '/early-hints' => 'hinted', '/trailing' => 'body');
my %status = ('/nocontent' => 204, '/reset' => 205, '/notmodified' => 304, '/throw' => 500, '/teapot' => 422);

sub allowed {
  my ($method, $path) = @_;
  return 1 if $any{$path};
  return $get{$path} || $path =~ m{^/(fields|segment)/.} if $method eq 'GET' || $method eq 'HEAD';
  return $post{$path} if $method eq 'POST';
  return $path =~ m{^/users/.} if $method eq 'DELETE';
  return 0;
}

sub known { my $path = shift; return allowed('GET', $path) || allowed('POST', $path) || allowed('DELETE', $path) }

sub answer {
  my $r = shift;
  my ($method, $path, $args) = ($r->request_method, $r->uri, $r->args);
  return $status{$path} if $status{$path} && $status{$path} >= 400;
  my $content = $r->request_body;
  $content = '' unless defined $content;
  my $text = "$method $path" . (defined $args && $args ne '' ? "?$args" : '') . ($content ne '' ? " $content" : '');
  $text = $says{$path} if exists $says{$path};
  $text = "deferred $text" if $path eq '/deferred';
  $text = "blocking $text" if $path eq '/blocking';
  $text = "$content|" if $path eq '/trailers';
  my $empty = $method eq 'OPTIONS' ? 204 : $status{$path};
  $r->status($empty || 200);
  $r->header_out('Content-Length', length $text) unless $empty;
  $r->send_http_header('text/plain');
  return OK if $r->header_only || $empty;
  $r->print($text) if $text ne '';
  return OK;
}

sub handle {
  my $r = shift;
  my ($method, $path) = ($r->request_method, $r->uri);
  return 404 unless known($path);
  return 405 unless $method eq 'OPTIONS' || allowed($method, $path);
  return OK if $r->has_request_body(\&answer);
  return answer($r);
}

1;
