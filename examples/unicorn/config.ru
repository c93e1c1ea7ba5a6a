# frozen_string_literal: true

require 'sinatra/base'

# Says who answers: the generation and the process.
class Hello < Sinatra::Base
  get '/' do
    content_type :text
    "hello from pid #{Process.pid}, generation #{ENV.fetch('SERVER_STARTER_GENERATION')}\n"
  end
end

run Hello
