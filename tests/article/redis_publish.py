"""Publishes to the channel `my_channel`."""

import redis

r = redis.Redis(host="localhost", port=6379, db=0)
message = "Hello, Redis Pub/Sub!"
r.publish("my_channel", message)
print(" [x] Published %r" % message, flush=True)
