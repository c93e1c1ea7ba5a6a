# frozen_string_literal: true

# For any Rack server: names process and generation; each request takes a moment.
run(lambda do |_env|
  sleep 0.005
  body = "pid #{Process.pid}, generation #{ENV.fetch('SERVER_STARTER_GENERATION')}\n"
  [200, { 'content-type' => 'text/plain', 'content-length' => body.bytesize.to_s }, [body]]
end)
