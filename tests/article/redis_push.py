"""Appends to the list `my_queue`: redis_push.py [COUNT]"""

import sys

import redis

r = redis.Redis(host="localhost", port=6379, db=0)
for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 1):
    message = "Hello, Redis!"
    r.rpush("my_queue", message)
    print(" [x] Sent %r" % message, flush=True)
