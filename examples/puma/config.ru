# frozen_string_literal: true

run(lambda do |_env|
  body = "hello from pid #{Process.pid}, generation #{ENV.fetch('SERVER_STARTER_GENERATION')}\n"
  [200, { 'content-type' => 'text/plain', 'content-length' => body.bytesize.to_s }, [body]]
end)
