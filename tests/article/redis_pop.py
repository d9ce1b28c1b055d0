"""Takes one message from the list `my_queue`."""

import redis

r = redis.Redis(host="localhost", port=6379, db=0)
message = r.lpop("my_queue")
if message:
    print(" [x] Received %r" % message.decode(), flush=True)
else:
    print(" [x] No messages in the queue", flush=True)
