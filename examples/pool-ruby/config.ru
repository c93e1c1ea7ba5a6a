# frozen_string_literal: true

worker, generation = ENV.values_at('SERVER_STARTER_WORKER', 'SERVER_STARTER_GENERATION')

run lambda { |_env|
  body = "hello from worker #{worker}, pid #{Process.pid}, generation #{generation}\n"
  [200, { 'content-type' => 'text/plain', 'content-length' => body.bytesize.to_s }, [body]]
}
