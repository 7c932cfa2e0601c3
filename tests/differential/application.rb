# SPDX-License-Identifier: MIT
# The application of tests/conformance/application.hpp inside H2O, as far as its rows are compared.
GETS = %w(/ /get /next /smuggled /version /count /empty /stream /sized /close /throw /slow /nocontent /early-hints
          /trailing /own-head /teapot)
POSTS = %w(/post /early /trailers)
ANY = %w(/any /deferred /blocking /reset /notmodified /nocontent-with-content)
SAYS = {
  '/next' => 'next', '/smuggled' => 'smuggled', '/empty' => '', '/stream' => 'one two three', '/sized' => 'abcdefg',
  '/close' => 'closing', '/slow' => 'slow', '/early' => 'early', '/early-hints' => 'hinted', '/trailing' => 'body'
}
STATUS = { '/nocontent' => 204, '/reset' => 205, '/notmodified' => 304, '/throw' => 500, '/teapot' => 422 }

def allowed(method, path)
  return true if ANY.include?(path)
  case method
  when 'GET', 'HEAD' then GETS.include?(path) || path.start_with?('/fields/', '/segment/')
  when 'POST' then POSTS.include?(path)
  when 'DELETE' then path.start_with?('/users/')
  else false
  end
end

def known(path)
  %w(GET POST DELETE).any? { |method| allowed(method, path) }
end

lambda do |env|
  method, path, query = env['REQUEST_METHOD'], env['PATH_INFO'], env['QUERY_STRING'].to_s
  return [204, {}, []] if method == 'OPTIONS' && (path.end_with?('*') || known(path))
  return [404, {}, ['not found']] unless known(path)
  return [405, { 'allow' => 'GET' }, ['not allowed']] unless allowed(method, path)
  input = env['rack.input']
  content = input ? input.read.to_s : ''
  return [STATUS[path], {}, []] if STATUS[path]
  text = "#{method} #{path}"
  text += "?#{query}" unless query.empty?
  text += " #{content}" unless content.empty?
  text = SAYS[path] if SAYS[path]
  text = "#{path[1..-1]} #{text}" if path == '/deferred' || path == '/blocking'
  text = "#{content}|" if path == '/trailers'
  [200, { 'content-type' => 'text/plain', 'content-length' => text.bytesize.to_s }, [text]]
end
