"""Listens to the channel `my_channel` until it is interrupted."""

import redis

r = redis.Redis(host="localhost", port=6379, db=0)
p = r.pubsub()
p.subscribe("my_channel")
for message in p.listen():
    if message["type"] == "subscribe":
        print(" [*] Subscribed", flush=True)
    if message["type"] == "message":
        print(" [x] Received %r" % message["data"].decode(), flush=True)
