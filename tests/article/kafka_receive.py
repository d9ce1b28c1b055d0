"""Receives from the topic `my_topic` in the group `my_group`: kafka_receive.py [COUNT], else until interrupted.

The article's consumer has no group, and so leaves no lag to be seen.
"""

import sys

from kafka import KafkaConsumer

consumer = KafkaConsumer(
    "my_topic", bootstrap_servers="localhost:9092", auto_offset_reset="earliest", group_id="my_group"
)
wanted = int(sys.argv[1]) if len(sys.argv) > 1 else None
received = 0
for message in consumer:
    print(" [x] Received %r" % message.value.decode(), flush=True)
    received += 1
    if received == wanted:
        break
consumer.close()
