# frozen_string_literal: true

# puma behind a superdaemon, without a lost request. Upon TERM puma closes the connections that wait in its queue and that
# it has not read a request from yet; without the queue each goes to a thread at once, and is answered.
queue_requests false
